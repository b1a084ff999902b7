import { addressOf } from '@hydraai/core'
import { type AskRequest, answerHash, hasValidReceipt, type Receipt, requestHash } from '@hydraai/ledger'
import { list, number, object, oneOf, text } from '../../api/parse.ts'

/** An answer with all that it takes to run it again and to hold its server to it. */
export interface AnswerFile {
  readonly request: AskRequest
  readonly receipt: Receipt
  readonly signature: Parameters<typeof hasValidReceipt>[1]
  readonly serverKey: Parameters<typeof hasValidReceipt>[2]
  readonly tokens: readonly number[]
  readonly ended: 'end' | 'length' | 'stopped'
  readonly text: string
  /** Content ids. */
  readonly document: string
  readonly tokenizer: string
}

const shape = object({
  request: object({
    chainId: text,
    model: text,
    asker: text,
    server: text,
    nonce: text,
    question: text,
    mode: oneOf('answer', 'continue'),
    temperaturePpm: number,
    topK: number,
    topPPpm: number,
    seed: text,
    maxTokens: number,
  }),
  receipt: object({
    chainId: text,
    model: text,
    version: number,
    parameters: text,
    asker: text,
    server: text,
    request: text,
    answer: text,
    tokens: number,
  }),
  signature: text,
  serverKey: text,
  tokens: list(number, 1_024),
  ended: oneOf('end', 'length', 'stopped'),
  text,
  document: text,
  tokenizer: text,
})

/** Reads the file; {@link faultsOf} then checks every field against its codec. @throws AnswerError */
export const answerFileOf = (value: unknown): AnswerFile => shape(value, 'answer') as unknown as AnswerFile

/** What of a file does not hold by itself, before anything is run again; empty if all of it does. @throws HydraError CODEC_INVALID */
export function faultsOf({ request, receipt, signature, serverKey, tokens, ended }: AnswerFile): string[] {
  const faults: string[] = []
  const say = (holds: boolean, fault: string) => void (holds || faults.push(fault))
  say(receipt.request === requestHash(request), 'the receipt is for another question')
  say(receipt.answer === answerHash({ tokens, ended }), 'the receipt is for other tokens')
  say(receipt.tokens === tokens.length, 'the receipt counts other tokens than there are')
  for (const field of ['chainId', 'model', 'asker', 'server'] as const)
    say(receipt[field] === request[field], `question and receipt differ in their ${field}`)
  say(addressOf(serverKey) === receipt.server, 'the key beside it is not the server’s')
  say(hasValidReceipt(receipt, signature, serverKey), 'the server did not sign the receipt')
  return faults
}
