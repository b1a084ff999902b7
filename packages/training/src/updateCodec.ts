/**
 * An update on the wire: the pseudo-gradient (parameters before minus after) as one signed byte a value, with one
 * float32 scale for each block of 256, so that a large value spoils the resolution of its block only.
 *
 *     "HUP1"  uint32 count  float32 scale × ceil(count / 256)  int8 × count        (little-endian)
 */
import { HydraError } from '@hydraai/core'
import { assertFinite } from '@hydraai/engine'

export const UPDATE_BLOCK = 256

const MAGIC = [0x48, 0x55, 0x50, 0x31]
const HEADER_BYTES = 8
const LEVELS = 127

/** Bytes of an update of `count` parameters; every update of a model has the same size. */
export function updateSizeOf(count: number): number {
  return HEADER_BYTES + 4 * Math.ceil(count / UPDATE_BLOCK) + count
}

/** `parameters` and `theta` are `[count]`. Throws NON_FINITE, or UPDATE_INVALID when their lengths differ. */
export function encodeUpdate(parameters: Float32Array, theta: Float32Array): Uint8Array {
  if (parameters.length !== theta.length) throw invalid(`${theta.length} values do not match ${parameters.length}`)
  const count = parameters.length
  const delta = new Float32Array(count)
  for (let i = 0; i < count; i++) delta[i] = parameters[i]! - theta[i]!
  assertFinite(delta, 'the update')

  const payload = new Uint8Array(updateSizeOf(count))
  payload.set(MAGIC)
  const view = new DataView(payload.buffer)
  view.setUint32(4, count, true)
  const blocks = Math.ceil(count / UPDATE_BLOCK)
  const levelsAt = HEADER_BYTES + 4 * blocks
  for (let block = 0; block < blocks; block++) {
    const start = block * UPDATE_BLOCK
    const end = Math.min(start + UPDATE_BLOCK, count)
    let largest = 0
    for (let i = start; i < end; i++) largest = Math.max(largest, Math.abs(delta[i]!))
    const scale = Math.fround(largest / LEVELS)
    view.setFloat32(HEADER_BYTES + 4 * block, scale, true)
    // A block whose scale rounds to nothing is sent as zeros.
    if (scale === 0) continue
    for (let i = start; i < end; i++) {
      const level = Math.round(delta[i]! / scale)
      view.setInt8(levelsAt + i, Math.max(-LEVELS, Math.min(LEVELS, level)))
    }
  }
  return payload
}

/** The pseudo-gradient `[count]` in `payload`. Throws UPDATE_INVALID for anything that `encodeUpdate` does not write. */
export function decodeUpdate(payload: Uint8Array, count: number): Float32Array {
  if (payload.length !== updateSizeOf(count)) {
    throw invalid(`it has ${payload.length} bytes; ${count} parameters take ${updateSizeOf(count)}`)
  }
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength)
  if (MAGIC.some((byte, i) => payload[i] !== byte)) throw invalid('it does not begin with "HUP1"')
  if (view.getUint32(4, true) !== count) throw invalid(`it says ${view.getUint32(4, true)} parameters, not ${count}`)

  const delta = new Float32Array(count)
  const blocks = Math.ceil(count / UPDATE_BLOCK)
  const levelsAt = HEADER_BYTES + 4 * blocks
  for (let block = 0; block < blocks; block++) {
    const scale = view.getFloat32(HEADER_BYTES + 4 * block, true)
    if (!Number.isFinite(scale) || scale < 0 || Object.is(scale, -0)) throw invalid(`scale ${block} is ${scale}`)
    const end = Math.min((block + 1) * UPDATE_BLOCK, count)
    for (let i = block * UPDATE_BLOCK; i < end; i++) {
      const level = view.getInt8(levelsAt + i)
      if (level < -LEVELS) throw invalid(`value ${i} is below -${LEVELS}`)
      if (level !== 0 && scale === 0) throw invalid(`value ${i} has no scale`)
      delta[i] = level * scale
    }
  }
  if (delta.some(value => !Number.isFinite(value))) throw invalid('a value is too large for a float32')
  return delta
}

function invalid(what: string): HydraError {
  return new HydraError('UPDATE_INVALID', `The update cannot be read: ${what}.`)
}
