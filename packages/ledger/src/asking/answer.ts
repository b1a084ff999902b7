import { type Codec, encode, type Hash, list, oneOf, struct, taggedHash, uintMax } from '@hydraai/core'
import { MAX_ANSWER_TOKENS } from './request.ts'

/** A whole answer: its tokens without the one that ends it, and why it ended. */
export interface Answer {
  readonly tokens: readonly number[]
  readonly ended: 'end' | 'length' | 'stopped'
}

export const answerCodec: Codec<Answer> = struct({
  tokens: list(uintMax(65_535), { max: MAX_ANSWER_TOKENS }),
  ended: oneOf(['end', 'length', 'stopped']),
})

/** The name of an answer, as its receipt carries it. @throws HydraError CODEC_INVALID */
export function answerHash(answer: Answer): Hash {
  return taggedHash('hydra/answer/1', encode(answerCodec, answer))
}
