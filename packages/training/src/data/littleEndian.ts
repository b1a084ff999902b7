/** Numbers as little-endian bytes, whatever the order and alignment of this machine. */
import { invalidDataset } from './limits.ts'

export function uint16ToBytes(values: Uint16Array): Uint8Array {
  const bytes = new Uint8Array(2 * values.length)
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < values.length; i++) view.setUint16(2 * i, values[i]!, true)
  return bytes
}

/** Throws DATASET_INVALID for an odd number of bytes. */
export function uint16OfBytes(bytes: Uint8Array, what: string): Uint16Array {
  if (bytes.length % 2 !== 0) throw invalidDataset(`${what} are ${bytes.length} bytes, no multiple of 2`)
  const values = new Uint16Array(bytes.length / 2)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let i = 0; i < values.length; i++) values[i] = view.getUint16(2 * i, true)
  return values
}

export function float32ToBytes(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(4 * values.length)
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < values.length; i++) view.setFloat32(4 * i, values[i]!, true)
  return bytes
}

/** Throws DATASET_INVALID for bytes that are no multiple of 4. */
export function float32OfBytes(bytes: Uint8Array, what: string): Float32Array {
  if (bytes.length % 4 !== 0) throw invalidDataset(`${what} are ${bytes.length} bytes, no multiple of 4`)
  const values = new Float32Array(bytes.length / 4)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let i = 0; i < values.length; i++) values[i] = view.getFloat32(4 * i, true)
  return values
}

/** NaN's bits differ between machines, and an infinity teaches nothing. Throws DATASET_INVALID. */
export function checkFinite(values: Float32Array, what: string): void {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i]!)) throw invalidDataset(`${what}: value ${i} is ${values[i]}`)
  }
}
