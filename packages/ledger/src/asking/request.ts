import {
  type Address,
  address,
  type Codec,
  encode,
  type Hash,
  hash,
  oneOf,
  struct,
  taggedHash,
  text,
  uintMax,
  uintRange,
} from '@hydraai/core'
import { modelIdField } from '../genesis/modelId.ts'

/** Longest question, in bytes of UTF-8, and longest answer, in tokens. */
export const MAX_QUESTION_BYTES = 2000
export const MAX_ANSWER_TOKENS = 1024

/** A question as it is put to a server: all that the answer is a function of, besides the model's version. */
export interface AskRequest {
  readonly chainId: string
  readonly model: string
  readonly asker: Address
  readonly server: Address
  /** Chosen by the asker at random, so that one question asked twice has two names. */
  readonly nonce: Hash
  readonly question: string
  /** `answer`: a question to be answered; `continue`: a text to go on with. */
  readonly mode: 'answer' | 'continue'
  /** Times 10^6; 0 takes the likeliest token always. */
  readonly temperaturePpm: number
  /** Tokens that may be drawn; 0 for all. */
  readonly topK: number
  /** Share of the probability that may be drawn from, times 10^6. */
  readonly topPPpm: number
  readonly seed: Hash
  readonly maxTokens: number
}

export const requestCodec: Codec<AskRequest> = struct({
  chainId: text({ maxBytes: 14 }),
  model: modelIdField,
  asker: address,
  server: address,
  nonce: hash,
  question: text({ maxBytes: MAX_QUESTION_BYTES }),
  mode: oneOf(['answer', 'continue']),
  temperaturePpm: uintMax(10_000_000),
  topK: uintMax(65_536),
  topPPpm: uintMax(1_000_000),
  seed: hash,
  maxTokens: uintRange(1, MAX_ANSWER_TOKENS),
})

/** The name of a question, as its receipt carries it. @throws HydraError CODEC_INVALID */
export function requestHash(request: AskRequest): Hash {
  return taggedHash('hydra/request/1', encode(requestCodec, request))
}
