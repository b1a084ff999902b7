import { invalidUpdate } from './invalid.ts'

/** Most bits that one call writes or reads, so that no shift leaves 32 bits. */
const MOST = 16

/** Bits one after the other, the first in the highest bit of the first byte. */
export class BitWriter {
  #bytes: Uint8Array
  #length = 0
  #pending = 0
  #held = 0

  /** `capacity` bytes are enough for whatever will be written. */
  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity)
  }

  /** The lowest `width` bits of `value`, at most 16, highest first. */
  write(value: number, width: number): void {
    this.#pending = (this.#pending << width) | value
    this.#held += width
    while (this.#held >= 8) {
      this.#held -= 8
      this.#bytes[this.#length++] = this.#pending >>> this.#held
      this.#pending &= (1 << this.#held) - 1
    }
  }

  /** `count` ones and a zero. */
  unary(count: number): void {
    let left = count
    for (; left >= MOST; left -= MOST) this.write(0xffff, MOST)
    this.write(((1 << left) - 1) << 1, left + 1)
  }

  /** Everything, filled up with zeros to a whole byte. */
  finish(): Uint8Array {
    if (this.#held > 0) this.write(0, 8 - this.#held)
    return this.#bytes.slice(0, this.#length)
  }
}

/** Reads what {@link BitWriter} wrote. Throws UPDATE_INVALID where the bytes end too soon. */
export class BitReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  read(width: number): number {
    let value = 0
    for (let left = width; left > 0; left--) value = (value << 1) | this.#bit()
    return value
  }

  /** The ones before the next zero. More than `most` are refused, so that nobody makes the reader count for long. */
  unary(most: number): number {
    let count = 0
    while (this.#bit() === 1) {
      if (++count > most) throw invalidUpdate('a gap is longer than its tile')
    }
    return count
  }

  /** Throws UPDATE_INVALID unless only the zeros that fill the last byte are left. */
  end(): void {
    if (this.#bytes.length !== Math.ceil(this.#at / 8)) throw invalidUpdate('it goes on after its last tile')
    while (this.#at % 8 !== 0) {
      if (this.#bit() === 1) throw invalidUpdate('the bits after its last tile are not zeros')
    }
  }

  #bit(): number {
    const byte = this.#bytes[this.#at >>> 3]
    if (byte === undefined) throw invalidUpdate('it ends too soon')
    return (byte >>> (7 - (this.#at++ & 7))) & 1
  }
}
