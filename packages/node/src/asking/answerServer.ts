import { encode, type Hash, HydraError, type KeyPair } from '@hydraai/core'
import { answerHash, type LedgerState, type Receipt, requestHash, signReceipt } from '@hydraai/ledger'
import type { Network } from '@hydraai/network'
import type { Generated } from '../compute/answering.ts'
import type { Logger } from '../ports.ts'
import { AskAdmission } from './admission.ts'
import type { Debts } from './debts.ts'
import {
  ASK_PROTOCOL,
  type AskFrame,
  askFrameCodec,
  MAX_ASK_BYTES,
  MAX_FRAME_BYTES,
  MAX_FRAME_TOKENS,
  MAX_STREAM_BYTES,
  type SignedRequest,
} from './protocol.ts'
import { isAskable, type ReadyModels, type TextModel } from './readyModels.ts'
import { TokenFeed } from './tokenFeed.ts'

export interface AnswerServerParts {
  readonly keys: KeyPair
  readonly debts: Debts
  readonly models: ReadyModels
  readonly logger: Logger
  readonly state: () => LedgerState
  readonly synced: () => boolean
  readonly onAnswered: (answer: { request: SignedRequest['request']; tokens: number }) => void
  /** Changes what is said, for the adversaries of tests: the receipt is signed over the changed tokens. */
  readonly tamper?: (tokens: readonly number[]) => readonly number[]
}

/** Answers the questions of peers. */
export class AnswerServer {
  readonly #parts: AnswerServerParts
  readonly #admission: AskAdmission

  constructor(parts: AnswerServerParts) {
    this.#parts = parts
    this.#admission = new AskAdmission({ self: parts.keys.address, debts: parts.debts })
  }

  serve(network: Network): void {
    network.handleStream(
      ASK_PROTOCOL,
      { maxRequestBytes: MAX_ASK_BYTES, maxFrameBytes: MAX_FRAME_BYTES, maxTotalBytes: MAX_STREAM_BYTES },
      (bytes, _from, signal) => this.#answer(bytes, signal),
    )
  }

  async *#answer(bytes: Uint8Array, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const { models, state, synced } = this.#parts
    if (!synced()) throw new HydraError('SERVER_NOT_SYNCED', 'this node is catching up')
    const signed = this.#admission.admit(bytes, state())
    const { asker } = signed.request
    const ended = new AbortController()
    let begun = false
    let whole = false
    try {
      const model = state().models.get(signed.request.model)
      if (!isAskable(model)) throw new HydraError('MODEL_NOT_SERVED', 'this model cannot be asked here')
      if (!(await models.isHere(model))) throw new HydraError('MODEL_NOT_SERVED', 'this model is not held here')
      models.keepReady(model.id)
      yield frame({ type: 'start', version: model.version, parameters: model.parameters })
      const feed = new TokenFeed(MAX_FRAME_TOKENS)
      const generating = this.#generate(signed, model, feed, AbortSignal.any([signal, ended.signal]))
      // The feed tells of what goes wrong; nobody waits for the answer itself when the asker has left.
      generating.catch(() => {})
      for await (const tokens of feed) {
        begun = true
        yield frame({ type: 'tokens', tokens })
      }
      const generated = await generating
      if (signal.aborted) return
      yield frame(await this.#end(signed, model, generated))
      whole = true
    } finally {
      ended.abort()
      this.#admission.release(asker)
      if (begun && !whole) this.#admission.left(asker, state().height)
    }
  }

  /** Fills the feed and ends it, by the error if there is one. */
  async #generate(
    { request }: SignedRequest,
    model: TextModel,
    feed: TokenFeed,
    signal: AbortSignal,
  ): Promise<Generated> {
    const { models, tamper } = this.#parts
    const { document, tokenizer, parameters } = model
    const job = { document, tokenizer, parameters, ...request }
    try {
      if (tamper === undefined) {
        const generated = await models.generate(job, tokens => feed.push(tokens), signal)
        feed.end()
        return generated
      }
      const generated = await models.generate(job, () => {}, signal)
      const tokens = [...tamper(generated.tokens)]
      feed.push(tokens)
      feed.end()
      return { ...generated, tokens }
    } catch (error) {
      feed.end(error)
      throw error
    }
  }

  async #end({ request }: SignedRequest, model: TextModel, { tokens, ended }: Generated): Promise<AskFrame> {
    const { keys, debts, state, onAnswered } = this.#parts
    if (ended === 'stopped') throw new HydraError('ANSWER_STOPPED', 'the answer was stopped')
    const name: Hash = requestHash(request)
    const receipt: Receipt = {
      chainId: request.chainId,
      model: model.id,
      version: model.version,
      parameters: model.parameters,
      asker: request.asker,
      server: request.server,
      request: name,
      answer: answerHash({ tokens: [...tokens], ended }),
      tokens: tokens.length,
    }
    // Nothing said is nothing owed.
    if (tokens.length > 0) await debts.add({ asker: request.asker, request: name, height: state().height })
    onAnswered({ request, tokens: tokens.length })
    return { type: 'end', ended, signature: signReceipt(keys, receipt) }
  }
}

function frame(value: AskFrame): Uint8Array {
  return encode(askFrameCodec, value)
}
