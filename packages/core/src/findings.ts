/** What a verifier finds out about an update, as it stands on the chain. */
import type { Hash } from './brand.ts'
import { type Codec, codecError } from './codec/codec.ts'
import { list, nullable, struct, variant } from './codec/composites.ts'
import { notFast, type Reader, type Writer } from './codec/fast.ts'
import { hash, oneOf, uintMax, uintRange } from './codec/scalars.ts'
import { isFiniteFloat32Bits } from './float.ts'
import { MAX_SEGMENTS } from './recipe.ts'

/** What makes an update worthless before anything is computed from it; the first in this order. */
export const LIGHT_FAULTS = ['payload-size', 'payload-hash', 'payload-structure', 'trace', 'not-finite'] as const
export type LightFault = (typeof LIGHT_FAULTS)[number]

/**
 * What can be found without a replay: a function of the update alone, so that all honest verifiers find the same. Losses
 * are bits of a float32, means over the probe of the round and over samples drawn only after the reveal (`fresh`), of the
 * round's base and of the base with the update taken from it. With a fault all four are 0.
 */
export interface LightFindings {
  fault: LightFault | null
  lossBefore: number
  lossAfter: number
  freshBefore: number
  freshAfter: number
}

/** The first thing that a replay finds otherwise than its trainer: the state at the end of a segment, or the sealing. */
export type Mismatch = { type: 'trace'; segment: number } | { type: 'seal' }

/** What a replay of a unit's first `segments` found; a replay of all of them seals the update again too. */
export interface Replay {
  segments: number
  /** The verifier's own keys of the segments before the mismatch, or of all that it replayed. */
  keys: readonly Hash[]
  mismatch: Mismatch | null
}

/** A verdict. `replay` is null for who was not to replay, and for an update with a fault. */
export interface Findings extends LightFindings {
  replay: Replay | null
}

const bits = uintMax(0xffffffff)

const light = {
  fault: nullable(oneOf(LIGHT_FAULTS)),
  lossBefore: bits,
  lossAfter: bits,
  freshBefore: bits,
  freshAfter: bits,
}

export const mismatchCodec: Codec<Mismatch> = variant({
  trace: { segment: uintMax(MAX_SEGMENTS - 1) },
  seal: {},
})

const replayCodec: Codec<Replay> = struct({
  segments: uintRange(1, MAX_SEGMENTS),
  keys: list(hash, { max: MAX_SEGMENTS }),
  mismatch: nullable(mismatchCodec),
})

/** Like {@link findingsCodec}, of what needs no replay. */
export const lightFindingsCodec: Codec<LightFindings> = checked(struct(light), problemOfLight)

/** Refuses findings that contradict themselves, such as losses of an update that could not be read. */
export const findingsCodec: Codec<Findings> = checked(struct({ ...light, replay: nullable(replayCodec) }), problemOf)

/** Two light findings of one update differ only if one of them is wrong. */
export function equalLightFindings(a: LightFindings, b: LightFindings): boolean {
  return (
    a.fault === b.fault &&
    a.lossBefore === b.lossBefore &&
    a.lossAfter === b.lossAfter &&
    a.freshBefore === b.freshBefore &&
    a.freshAfter === b.freshAfter
  )
}

/** Two octaves of float32 bits: a loss that is four times another. */
export const SUSPICIOUS_RISE = 1 << 24

/**
 * Whether an update makes the model so much worse on data that nobody knew before that its verifier replays all of it,
 * drawn for that or not. Measured against the base's loss on the same samples or the model's loss on its held-out part,
 * whichever is greater: a model that has learnt fits some samples so well that any honest step makes it many times worse
 * there. All are bits of float32; those of positive floats are ordered as the floats are, a loss below 0 counts as 0.
 */
export function isSuspicious({ fault, freshBefore, freshAfter }: LightFindings, heldOutLoss: number): boolean {
  const usual = Math.max(ordered(freshBefore), ordered(heldOutLoss))
  return fault === null && ordered(freshAfter) > usual + SUSPICIOUS_RISE
}

function ordered(lossBits: number): number {
  return lossBits > 0x7fffffff ? 0 : lossBits
}

function problemOfLight(found: LightFindings): string | null {
  const losses = [found.lossBefore, found.lossAfter, found.freshBefore, found.freshAfter]
  if (found.fault !== null) return losses.some(loss => loss !== 0) ? 'losses of an update with a fault' : null
  return losses.every(isFiniteFloat32Bits) ? null : 'a loss that is not finite'
}

function problemOf(found: Findings): string | null {
  const problem = problemOfLight(found)
  const { replay } = found
  if (problem !== null || replay === null) return problem
  if (found.fault !== null) return 'a replay of an update with a fault'
  const { segments, keys, mismatch } = replay
  if (mismatch?.type === 'trace' && mismatch.segment >= segments) return 'a mismatch beyond what was replayed'
  const expected = mismatch?.type === 'trace' ? mismatch.segment : segments
  return keys.length === expected ? null : `${keys.length} keys of ${expected} segments`
}

/** `codec`, and in both directions only what has no problem. */
function checked<T>(codec: Codec<T>, problem: (value: T) => string | null): Codec<T> {
  const check = (value: T, path: string): T => {
    const found = problem(value)
    if (found !== null) throw codecError(path, found)
    return value
  }
  const { fast } = codec
  return {
    toWire(value, path = '$') {
      const wire = codec.toWire(value, path)
      check(value, path)
      return wire
    },
    fromWire: (wire, path) => check(codec.fromWire(wire, path), path),
    ...(fast && {
      fast: {
        write(value: T, out: Writer) {
          fast.write(value, out)
          if (problem(value) !== null) notFast()
        },
        read(input: Reader) {
          const value = fast.read(input)
          return problem(value) === null ? value : notFast()
        },
      },
    }),
  }
}
