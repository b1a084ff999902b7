/**
 * Values as one signed byte each, with one float32 scale for each block of 256, so that a large value spoils the resolution
 * of its block only.
 *
 *     "HUP1"  uint32 count  float32 scale × ceil(count / 256)  int8 × count        (little-endian)
 */
import { assertFinite } from '@hydraai/engine'
import { invalidUpdate } from './invalid.ts'

export const INT8_BLOCK = 256

const MAGIC = [0x48, 0x55, 0x50, 0x31]
const HEADER_BYTES = 8
const LEVELS = 127

/** Bytes of `count` values, whatever they are. */
export function int8SizeOf(count: number): number {
  return HEADER_BYTES + 4 * Math.ceil(count / INT8_BLOCK) + count
}

/** `values` is `[count]`. Throws NON_FINITE. */
export function encodeInt8(values: Float32Array): Uint8Array {
  assertFinite(values, 'the update')
  const count = values.length
  const body = new Uint8Array(int8SizeOf(count))
  body.set(MAGIC)
  const view = new DataView(body.buffer)
  view.setUint32(4, count, true)
  const blocks = Math.ceil(count / INT8_BLOCK)
  const levelsAt = HEADER_BYTES + 4 * blocks
  for (let block = 0; block < blocks; block++) {
    const start = block * INT8_BLOCK
    const end = Math.min(start + INT8_BLOCK, count)
    let largest = 0
    for (let i = start; i < end; i++) largest = Math.max(largest, Math.abs(values[i]!))
    const scale = Math.fround(largest / LEVELS)
    view.setFloat32(HEADER_BYTES + 4 * block, scale, true)
    // A block whose scale rounds to nothing is sent as zeros.
    if (scale === 0) continue
    for (let i = start; i < end; i++) {
      const level = Math.round(values[i]! / scale)
      view.setInt8(levelsAt + i, Math.max(-LEVELS, Math.min(LEVELS, level)))
    }
  }
  return body
}

/** The values `[count]` of `body`. Throws UPDATE_INVALID for anything that {@link encodeInt8} cannot write. */
export function decodeInt8(body: Uint8Array, count: number): Float32Array {
  if (body.length !== int8SizeOf(count)) {
    throw invalidUpdate(`it has ${body.length} bytes; ${count} parameters take ${int8SizeOf(count)}`)
  }
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
  if (MAGIC.some((byte, i) => body[i] !== byte)) throw invalidUpdate('it does not begin with "HUP1"')
  const said = view.getUint32(4, true)
  if (said !== count) throw invalidUpdate(`it says ${said} parameters, not ${count}`)

  const values = new Float32Array(count)
  const blocks = Math.ceil(count / INT8_BLOCK)
  const levelsAt = HEADER_BYTES + 4 * blocks
  for (let block = 0; block < blocks; block++) {
    const scale = view.getFloat32(HEADER_BYTES + 4 * block, true)
    if (!Number.isFinite(scale) || scale < 0 || Object.is(scale, -0)) throw invalidUpdate(`scale ${block} is ${scale}`)
    const end = Math.min((block + 1) * INT8_BLOCK, count)
    for (let i = block * INT8_BLOCK; i < end; i++) {
      const level = view.getInt8(levelsAt + i)
      if (level < -LEVELS) throw invalidUpdate(`value ${i} is below -${LEVELS}`)
      if (level !== 0 && scale === 0) throw invalidUpdate(`value ${i} has no scale`)
      values[i] = level * scale
    }
  }
  if (values.some(value => !Number.isFinite(value))) throw invalidUpdate('a value is too large for a float32')
  return values
}
