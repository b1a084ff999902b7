// The straight way between values and canonical dag-cbor, without the plain objects that the general codec of dag-cbor
// takes and gives. It knows only what is right: whatever it does not take is left to the slow way (see codec.ts), which
// says what is wrong with it. So an error here carries no words.

/** How a codec reads and writes the encoding itself. Both throw {@link notFast} for whatever is not plainly right. */
export interface Fast<T> {
  write(value: T, out: Writer): void
  read(input: Reader): T
}

/** What the fast way throws: made once, for it is no error that anybody sees. */
const refusal = new Error('left to the slow way')

export function notFast(): never {
  throw refusal
}

export function isNotFast(error: unknown): boolean {
  return error === refusal
}

/** Major types of CBOR (RFC 8949 section 3.1). */
export const UINT = 0
export const NEGATIVE = 1
export const BYTES = 2
export const TEXT = 3
export const LIST = 4
export const MAP = 5

export const FALSE = 0xf4
export const TRUE = 0xf5
export const NULL = 0xf6

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const TWO_32 = 0x100000000
/** Up to here it is quicker to go letter by letter. */
const MAX_SHORT_TEXT = 32
const DIGITS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
/** The value of each character code below 128 as a lower-case hex digit; 255 for none. */
const NIBBLES = Uint8Array.from({ length: 128 }, (_, code) =>
  code >= 48 && code <= 57 ? code - 48 : code >= 97 && code <= 102 ? code - 87 : 255,
)

/** Grows as it is written to; its memory is used again for the next value. */
export class Writer {
  #bytes = new Uint8Array(4096)
  #length = 0

  reset(): void {
    this.#length = 0
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    const whole = this.#bytes.slice(0, this.#length)
    // One large value is no reason to hold its memory for ever.
    if (this.#bytes.length > 4_194_304) this.#bytes = new Uint8Array(4096)
    return whole
  }

  byte(value: number): void {
    this.#reserve(1)
    this.#bytes[this.#length++] = value
  }

  /** The head of an item: its major type and a safe integer from 0, in the fewest bytes. */
  head(major: number, argument: number): void {
    this.#reserve(9)
    const bytes = this.#bytes
    const type = major << 5
    if (argument < 24) bytes[this.#length++] = type | argument
    else if (argument < 0x100) {
      bytes[this.#length++] = type | 24
      bytes[this.#length++] = argument
    } else if (argument < 0x10000) {
      bytes[this.#length++] = type | 25
      bytes[this.#length++] = argument >> 8
      bytes[this.#length++] = argument & 255
    } else if (argument < TWO_32) {
      bytes[this.#length++] = type | 26
      this.#u32(argument)
    } else {
      bytes[this.#length++] = type | 27
      this.#u32(Math.floor(argument / TWO_32))
      this.#u32(argument % TWO_32)
    }
  }

  /** An integer of up to 64 bits. */
  bigUint(value: bigint): void {
    if (value <= BigInt(Number.MAX_SAFE_INTEGER)) {
      this.head(UINT, Number(value))
      return
    }
    this.#reserve(9)
    this.#bytes[this.#length++] = (UINT << 5) | 27
    this.#u32(Number(value >> 32n))
    this.#u32(Number(value & 0xffffffffn))
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
  }

  bytes(value: Uint8Array): void {
    this.head(BYTES, value.length)
    this.raw(value)
  }

  /** Well-formed text of at most `maxBytes` bytes. */
  text(value: string, maxBytes: number): void {
    if (value.length > maxBytes) notFast()
    if (this.#shortAscii(value)) return
    if (!value.isWellFormed()) notFast()
    const encoded = encoder.encode(value)
    if (encoded.length > maxBytes) notFast()
    this.head(TEXT, encoded.length)
    this.raw(encoded)
  }

  /** Lower-case hex of exactly `length` bytes, from the character `from` on. */
  hex(value: string, length: number): void {
    if (value.length !== 2 * length) notFast()
    this.head(BYTES, length)
    this.#reserve(length)
    const bytes = this.#bytes
    for (let i = 0; i < value.length; i += 2) {
      const high = NIBBLES[value.charCodeAt(i)] ?? 255
      const low = NIBBLES[value.charCodeAt(i + 1)] ?? 255
      if (high === 255 || low === 255) notFast()
      bytes[this.#length++] = (high << 4) | low
    }
  }

  /** Nearly all texts: names of fields and kinds. False, and nothing is written, for any other. */
  #shortAscii(value: string): boolean {
    const { length } = value
    if (length > MAX_SHORT_TEXT) return false
    this.#reserve(length + 9)
    const start = this.#length
    this.head(TEXT, length)
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i)
      if (code > 127) {
        this.#length = start
        return false
      }
      this.#bytes[this.#length++] = code
    }
    return true
  }

  #u32(value: number): void {
    const bytes = this.#bytes
    bytes[this.#length++] = value >>> 24
    bytes[this.#length++] = (value >>> 16) & 255
    bytes[this.#length++] = (value >>> 8) & 255
    bytes[this.#length++] = value & 255
  }

  #reserve(more: number): void {
    const wanted = this.#length + more
    if (wanted <= this.#bytes.length) return
    const larger = new Uint8Array(Math.max(wanted, 2 * this.#bytes.length))
    larger.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = larger
  }
}

/** Reads canonical CBOR from its start, never beyond its end. */
export class Reader {
  readonly #bytes: Uint8Array
  at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get isDone(): boolean {
    return this.at === this.#bytes.length
  }

  peek(): number {
    const byte = this.#bytes[this.at]
    return byte === undefined ? notFast() : byte
  }

  /** The argument of an item of that major type, if it is a safe integer in its fewest bytes. */
  head(major: number): number {
    const bytes = this.#bytes
    const first = this.peek()
    if (first >> 5 !== major) notFast()
    const info = first & 31
    this.at++
    if (info < 24) return info
    if (info > 27) notFast()
    const width = 1 << (info - 24)
    if (this.at + width > bytes.length) notFast()
    let value = 0
    for (let i = 0; i < width; i++) value = value * 256 + bytes[this.at++]!
    const least = width === 1 ? 24 : width === 2 ? 0x100 : width === 4 ? 0x10000 : TWO_32
    if (value < least || value > Number.MAX_SAFE_INTEGER) notFast()
    return value
  }

  /** An integer from 0 of up to 64 bits. */
  bigUint(): bigint {
    const first = this.peek()
    if (first !== ((UINT << 5) | 27)) return BigInt(this.head(UINT))
    const { buffer, byteOffset, byteLength } = this.#bytes
    if (this.at + 9 > byteLength) notFast()
    const value = new DataView(buffer, byteOffset).getBigUint64(this.at + 1)
    if (value < 0x100000000n) notFast()
    this.at += 9
    return value
  }

  /** A view of the next bytes. */
  take(length: number): Uint8Array {
    if (length > this.#bytes.length - this.at) notFast()
    this.at += length
    return this.#bytes.subarray(this.at - length, this.at)
  }

  /** Whether the next bytes are these; then they are read. */
  matches(expected: Uint8Array): boolean {
    const bytes = this.#bytes
    for (let i = 0; i < expected.length; i++) if (bytes[this.at + i] !== expected[i]) return false
    this.at += expected.length
    return true
  }

  /** A copy. */
  bytes(max: number): Uint8Array {
    const length = this.head(BYTES)
    if (length > max) notFast()
    return new Uint8Array(this.take(length))
  }

  text(maxBytes: number): string {
    const length = this.head(TEXT)
    if (length > maxBytes) notFast()
    const bytes = this.take(length)
    if (length > MAX_SHORT_TEXT) return decodeUtf8(bytes)
    let text = ''
    for (let i = 0; i < length; i++) {
      const code = bytes[i]!
      if (code > 127) return decodeUtf8(bytes)
      text += String.fromCharCode(code)
    }
    return text
  }

  hex(length: number): string {
    if (this.head(BYTES) !== length) notFast()
    const bytes = this.take(length)
    let text = ''
    for (let i = 0; i < length; i++) text += DIGITS[bytes[i]!]
    return text
  }

  /** Steps over one item. */
  skip(): void {
    for (let items = 1; items > 0; items--) {
      const first = this.peek()
      const major = first >> 5
      if (major === 7) this.at++
      else {
        const argument = this.head(major)
        if (major === BYTES || major === TEXT) this.take(argument)
        else if (major === LIST) items += argument
        else if (major === MAP) items += 2 * argument
        else if (major > MAP) notFast()
        if (items > this.#bytes.length) notFast()
      }
    }
  }
}

function decodeUtf8(bytes: Uint8Array): string {
  // Decoders differ about a byte order mark.
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) notFast()
  try {
    return decoder.decode(bytes)
  } catch {
    return notFast()
  }
}
