import { utf8 } from '@hydraai/core'
import { crc32c } from './crc32c.ts'

// LevelDB as it is bound to Node does not check its own checksums on reads, so a flipped bit would be served as data.
// Every value therefore carries a checksum, over its key too: a value under another key is as wrong as a changed one.
const SEAL_BYTES = 4

/** What is stored for (`key`, `value`): `crc32c(key ‖ 0x00 ‖ value)`, little-endian, and the value. */
export function sealValue(key: string, value: Uint8Array): Uint8Array {
  const sealed = new Uint8Array(SEAL_BYTES + value.length)
  sealed.set(value, SEAL_BYTES)
  new DataView(sealed.buffer).setUint32(0, checksum(key, value), true)
  return sealed
}

/** The value in `sealed`, a copy; null if it is not what was stored for `key`. */
export function openSealedValue(key: string, sealed: Uint8Array): Uint8Array | null {
  if (sealed.length < SEAL_BYTES) return null
  const view = new DataView(sealed.buffer, sealed.byteOffset, SEAL_BYTES)
  // Not slice(): a Buffer's shares its memory.
  const value = new Uint8Array(sealed.subarray(SEAL_BYTES))
  return view.getUint32(0, true) === checksum(key, value) ? value : null
}

function checksum(key: string, value: Uint8Array): number {
  return crc32c(value, crc32c(utf8(`${key}\0`)))
}
