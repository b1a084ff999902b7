import { HydraError } from './errors.ts'

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
const encoder = new TextEncoder()

/** Lower-case hex of the bytes. */
export function toHex(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i++) text += HEX[bytes[i]!]
  return text
}

function nibble(code: number): number {
  if (code >= 48 && code <= 57) return code - 48
  if (code >= 97 && code <= 102) return code - 87
  return -1
}

/** Bytes of lower-case hex; upper case is refused so that a value has one spelling. @throws HydraError HEX_INVALID */
export function fromHex(text: string): Uint8Array {
  if (text.length % 2 !== 0) throw new HydraError('HEX_INVALID', `hex of odd length ${text.length}`)
  const bytes = new Uint8Array(text.length / 2)
  for (let i = 0; i < bytes.length; i++) {
    const high = nibble(text.charCodeAt(2 * i))
    const low = nibble(text.charCodeAt(2 * i + 1))
    if (high < 0 || low < 0) {
      throw new HydraError('HEX_INVALID', `not a lower-case hex digit at position ${high < 0 ? 2 * i : 2 * i + 1}`)
    }
    bytes[i] = high * 16 + low
  }
  return bytes
}

/** Not constant time: for public values only. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && compareBytes(a, b) === 0
}

/** Lexicographic order, a prefix first: negative, 0 or positive. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length)
  for (let i = 0; i < shared; i++) {
    if (a[i] !== b[i]) return a[i]! - b[i]!
  }
  return a.length - b.length
}

export function concatBytes(...parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}

/** UTF-8 of the text. A lone surrogate becomes U+FFFD: check `isWellFormed()` where texts must stay distinct. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text)
}

/** 4 bytes, big-endian. `value` is an integer 0..2^32-1. */
export function u32be(value: number): Uint8Array {
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) {
    throw new HydraError('RANGE_INVALID', `${value} is not an integer from 0 to 4294967295`)
  }
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value)
  return bytes
}

/** 8 bytes, big-endian. `value` is a safe integer of at least 0. */
export function u64be(value: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new HydraError('RANGE_INVALID', `${value} is not a safe integer of at least 0`)
  }
  const bytes = new Uint8Array(8)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, Math.floor(value / 0x100000000))
  view.setUint32(4, value % 0x100000000)
  return bytes
}
