import { type Codec, decode, type Hash, HydraError } from '@hydraai/core'
import { ANSWER_TOKEN, END_TOKEN, type Tokenizer, TokenStream } from '@hydraai/engine'
import { type AskRequest, answerHash, hasValidReceipt, type Receipt, requestHash } from '@hydraai/ledger'
import type { AnswerFile } from './answerFile.ts'
import { ANSWER_FORMAT } from './answerFile.ts'
import { type AskFrame, askFrameCodec, MAX_FRAME_BYTES } from './protocol.ts'
import type { TextModel } from './readyModels.ts'
import type { Server } from './serverChoice.ts'

/** What came of one answer so far. */
export type AnswerPart =
  | { readonly type: 'start'; readonly version: number; readonly parameters: Hash }
  | { readonly type: 'text'; readonly text: string; readonly tokens: number }
  | { readonly type: 'end'; readonly answer: AnswerFile; readonly ended: 'end' | 'length' }

/**
 * Reads the frames of one answer and checks each: order, bounds, tokens that the tokenizer has, and at last the server's
 * signature over the very tokens that were shown. @throws HydraError ANSWER_INVALID, RECEIPT_INVALID
 */
export class AnswerReader {
  readonly #request: AskRequest
  readonly #server: Server
  readonly #model: TextModel
  readonly #tokenizer: Tokenizer
  readonly #stream: TokenStream
  readonly #tokens: number[] = []
  #text = ''
  #start: { version: number; parameters: Hash } | null = null
  #whole = false

  constructor(parts: { request: AskRequest; server: Server; model: TextModel; tokenizer: Tokenizer }) {
    this.#request = parts.request
    this.#server = parts.server
    this.#model = parts.model
    this.#tokenizer = parts.tokenizer
    this.#stream = new TokenStream(parts.tokenizer)
  }

  get isWhole(): boolean {
    return this.#whole
  }

  /** What a frame brings, in order; the end may bring text first. */
  push(bytes: Uint8Array): AnswerPart[] {
    const frame = parsed(bytes)
    if (this.#whole) throw invalid('something came after its end')
    if ((frame.type === 'start') !== (this.#start === null)) throw invalid(`${frame.type} came out of order`)
    switch (frame.type) {
      case 'start': {
        const { version, parameters } = frame
        this.#start = { version, parameters }
        return [frame]
      }
      case 'tokens':
        return this.#take(frame.tokens)
      case 'end':
        return this.#end(frame)
    }
  }

  #take(tokens: readonly number[]): AnswerPart[] {
    if (tokens.length === 0) throw invalid('a frame without tokens came')
    if (this.#tokens.length + tokens.length > this.#request.maxTokens)
      throw invalid('it has more tokens than asked for')
    let text = ''
    for (const token of tokens) {
      if (token === END_TOKEN || token === ANSWER_TOKEN || token >= this.#tokenizer.vocabulary)
        throw invalid(`token ${token} does not stand for text`)
      text += this.#stream.push(token)
      this.#tokens.push(token)
    }
    return this.#show(text)
  }

  /** Shown even when it is empty: the count goes up. */
  #show(text: string): AnswerPart[] {
    this.#text += text
    return [{ type: 'text', text, tokens: this.#tokens.length }]
  }

  #end({ ended, signature }: Extract<AskFrame, { type: 'end' }>): AnswerPart[] {
    const { version, parameters } = this.#start!
    const request = this.#request
    const tokens = [...this.#tokens]
    const receipt: Receipt = {
      chainId: request.chainId,
      model: request.model,
      version,
      parameters,
      asker: request.asker,
      server: request.server,
      request: requestHash(request),
      answer: answerHash({ tokens, ended }),
      tokens: tokens.length,
    }
    if (!hasValidReceipt(receipt, signature, this.#server.publicKey))
      throw new HydraError('RECEIPT_INVALID', 'the server did not sign what it said')
    this.#whole = true
    const rest = this.#stream.end()
    const shown = rest === '' ? [] : this.#show(rest)
    const answer: AnswerFile = {
      format: ANSWER_FORMAT,
      request,
      receipt,
      signature,
      serverKey: this.#server.publicKey,
      tokens,
      ended,
      text: this.#text,
      document: this.#model.document,
      tokenizer: this.#model.tokenizer,
    }
    return [...shown, { type: 'end', answer, ended }]
  }
}

function parsed(bytes: Uint8Array): AskFrame {
  try {
    return decode<AskFrame>(askFrameCodec as Codec<AskFrame>, bytes, { maxBytes: MAX_FRAME_BYTES })
  } catch (cause) {
    throw new HydraError('ANSWER_INVALID', 'the server sent what no answer is made of', { cause })
  }
}

function invalid(what: string): HydraError {
  return new HydraError('ANSWER_INVALID', `the answer is not as it must be: ${what}`)
}
