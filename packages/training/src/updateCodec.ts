import { differenceOf } from './codec/body.ts'
import { decodeInt8, encodeInt8, INT8_BLOCK, int8SizeOf } from './codec/int8.ts'

export const UPDATE_BLOCK = INT8_BLOCK

/** Bytes of an update of `count` parameters; every update of a model has the same size. */
export const updateSizeOf = int8SizeOf

/** `parameters` and `theta` are `[count]`. Throws NON_FINITE, or UPDATE_INVALID when their lengths differ. */
export function encodeUpdate(parameters: Float32Array, theta: Float32Array): Uint8Array {
  return encodeInt8(differenceOf(parameters, theta))
}

/** The pseudo-gradient `[count]` in `payload`. Throws UPDATE_INVALID for anything that `encodeUpdate` does not write. */
export const decodeUpdate = decodeInt8
