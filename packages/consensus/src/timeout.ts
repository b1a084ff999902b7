import { type Codec, oneOf, struct, uint } from '@hydraai/core'

/** What a round waits for, one kind a step. */
export type TimeoutKind = 'propose' | 'prevote' | 'precommit'

/** A timer of one step of one round; names what it is for, so that one that comes late is recognised. */
export interface Timeout {
  kind: TimeoutKind
  height: number
  round: number
}

export const timeoutCodec: Codec<Timeout> = struct({
  kind: oneOf(['propose', 'prevote', 'precommit']),
  height: uint,
  round: uint,
})

/** How long the timers run, in milliseconds: `base + round × step`, at most `maximum`. */
export interface TimeoutParameters {
  readonly baseMs: Readonly<Record<TimeoutKind, number>>
  readonly stepMs: Readonly<Record<TimeoutKind, number>>
  readonly maximumMs: number
}

/**
 * The duration of a timer. It grows with the round, so that some round is longer than whatever delay the network has
 * (the paper's timeoutPropose(r), timeoutPrevote(r), timeoutPrecommit(r)), but not for ever.
 */
export function timeoutMs({ kind, round }: Timeout, parameters: TimeoutParameters): number {
  return Math.min(parameters.baseMs[kind] + round * parameters.stepMs[kind], parameters.maximumMs)
}
