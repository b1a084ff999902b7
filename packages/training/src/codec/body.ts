/** A unit's pseudo-gradient as its recipe compresses it, and what the compression leaves for a later unit. */
import { HydraError, type Recipe } from '@hydraai/core'
import { decodeInt8, encodeInt8, int8SizeOf } from './int8.ts'
import { decodeSparse, encodeSparse, maxSparseBytes } from './sparse.ts'

export interface EncodedBody {
  readonly body: Uint8Array
  /** What the body leaves out, as an int8 body; null where the recipe keeps no residual. */
  readonly residual: Uint8Array | null
}

/**
 * `delta` is `[count]`, parameters before minus after. `residualIn` is the residual that an earlier unit left or null, and
 * is not looked at where the recipe keeps none. Throws NON_FINITE, or UPDATE_INVALID for a residual of another shape.
 */
export function encodeBody(
  { compression }: Pick<Recipe, 'compression'>,
  delta: Float32Array,
  residualIn: Uint8Array | null,
): EncodedBody {
  if (compression.type === 'int8') return { body: encodeInt8(delta), residual: null }
  const wanted = delta.slice()
  if (residualIn !== null) {
    const left = decodeInt8(residualIn, delta.length)
    const decay = Math.fround(compression.decayPpm / 1e6)
    for (let i = 0; i < wanted.length; i++) wanted[i] = wanted[i]! + Math.fround(decay * left[i]!)
  }
  const body = encodeSparse(wanted, compression.keepPpm)
  const sent = decodeSparse(body, wanted.length, compression.keepPpm)
  for (let i = 0; i < wanted.length; i++) wanted[i] = wanted[i]! - sent[i]!
  return { body, residual: encodeInt8(wanted) }
}

/** The pseudo-gradient `[count]` that `body` stands for. Throws UPDATE_INVALID for anything that no trainer writes. */
export function decodeBody(
  { compression }: Pick<Recipe, 'compression'>,
  body: Uint8Array,
  count: number,
): Float32Array {
  if (compression.type === 'int8') return decodeInt8(body, count)
  return decodeSparse(body, count, compression.keepPpm)
}

/** No body of `count` parameters is longer. */
export function maxBodyBytes({ compression }: Pick<Recipe, 'compression'>, count: number): number {
  return compression.type === 'int8' ? int8SizeOf(count) : maxSparseBytes(count, compression.keepPpm)
}

/** `parameters` and `theta` are `[count]`. Throws UPDATE_INVALID when their lengths differ, NON_FINITE. */
export function differenceOf(parameters: Float32Array, theta: Float32Array): Float32Array {
  if (parameters.length !== theta.length) {
    throw new HydraError('UPDATE_INVALID', `${theta.length} values do not match ${parameters.length} parameters.`)
  }
  const delta = new Float32Array(parameters.length)
  for (let i = 0; i < delta.length; i++) delta[i] = parameters[i]! - theta[i]!
  return delta
}
