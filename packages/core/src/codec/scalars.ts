import { ADDRESS_BYTES, addressBytes, addressOfBytes } from '../address.ts'
import { MAX_MICRO } from '../amount.ts'
import type { Address, Hash, Micro, PublicKey, Signature, VrfProof } from '../brand.ts'
import { fromHex, toHex, utf8 } from '../bytes.ts'
import { type Codec, codecError } from './codec.ts'
import { BYTES, FALSE, type Fast, NEGATIVE, notFast, TRUE, UINT } from './fast.ts'

/** A codec whose wire form is the value itself, checked the same way in both directions. */
function checked<T>(check: (value: unknown, path: string) => T, fast: Fast<T>): Codec<T> {
  return { toWire: (value, path = '$') => check(value, path), fromWire: check, fast }
}

/** An integer `min`..`max`, both safe integers. */
export function uintRange(min: number, max: number): Codec<number> {
  function check(value: unknown, path: string): number {
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > max) {
      throw codecError(path, `expected an integer from ${min} to ${max}`)
    }
    return value + 0 // turns -0 into 0
  }
  const isIn = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max
  return checked(check, {
    write(value, out) {
      if (!isIn(value)) notFast()
      if (value < 0) out.head(NEGATIVE, -1 - value)
      else out.head(UINT, value)
    },
    read(input) {
      const value = input.peek() >> 5 === NEGATIVE ? -1 - input.head(NEGATIVE) : input.head(UINT)
      return isIn(value) ? value : notFast()
    },
  })
}

/** An integer 0..`max`. */
export const uintMax = (max: number): Codec<number> => uintRange(0, max)
/** An integer 0..2^53-1. */
export const uint: Codec<number> = uintRange(0, Number.MAX_SAFE_INTEGER)
/** A safe integer of either sign. */
export const int: Codec<number> = uintRange(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)

/** An amount, 0..2^63-1; an integer on the wire, of whatever width it needs. */
export const micro: Codec<Micro> = {
  toWire(value, path = '$') {
    if (typeof value !== 'bigint' || value < 0n || value > MAX_MICRO) throw codecError(path, 'not an amount')
    return value
  },
  fromWire(wire, path) {
    // The decoder gives a number where that is exact and a bigint beyond.
    const value = typeof wire === 'number' && Number.isSafeInteger(wire) ? BigInt(wire) : wire
    if (typeof value !== 'bigint' || value < 0n || value > MAX_MICRO) throw codecError(path, 'expected an amount')
    return value
  },
  fast: {
    write(value, out) {
      if (typeof value !== 'bigint' || value < 0n || value > MAX_MICRO) notFast()
      out.bigUint(value)
    },
    read(input) {
      const value = input.bigUint()
      return value <= MAX_MICRO ? value : notFast()
    },
  },
}

export const bool: Codec<boolean> = checked(
  (value, path) => {
    if (typeof value !== 'boolean') throw codecError(path, 'expected true or false')
    return value
  },
  {
    write(value, out) {
      if (typeof value !== 'boolean') notFast()
      out.byte(value ? TRUE : FALSE)
    },
    read(input) {
      const byte = input.peek()
      if (byte !== TRUE && byte !== FALSE) notFast()
      input.at++
      return byte === TRUE
    },
  },
)

/** Text of at most `maxBytes` bytes of UTF-8. */
export function text(options: { maxBytes: number }): Codec<string> {
  function check(value: unknown, path: string): string {
    if (typeof value !== 'string') throw codecError(path, 'expected a text')
    if (value.length > options.maxBytes || utf8(value).length > options.maxBytes) {
      throw codecError(path, `a text longer than ${options.maxBytes} bytes`)
    }
    // A lone surrogate has no UTF-8, so two different texts would share one encoding.
    if (!value.isWellFormed()) throw codecError(path, 'a text that is not well-formed Unicode')
    return value
  }
  return checked(check, {
    write: (value, out) => (typeof value === 'string' ? out.text(value, options.maxBytes) : notFast()),
    read: input => input.text(options.maxBytes),
  })
}

/** Exactly this text, such as the name of a format. */
export function literal<const L extends string>(expected: L): Codec<L> {
  return oneOf([expected])
}

/** One of these texts. */
export function oneOf<const L extends string>(choices: readonly L[]): Codec<L> {
  function check(value: unknown, path: string): L {
    const choice = choices.find(candidate => candidate === value)
    if (choice === undefined) throw codecError(path, `expected ${choices.map(c => `"${c}"`).join(' or ')}`)
    return choice
  }
  const longest = Math.max(...choices.map(choice => utf8(choice).length))
  return checked(check, {
    write: (value, out) => (choices.includes(value) ? out.text(value, longest) : notFast()),
    read(input) {
      const value = input.text(longest) as L
      return choices.includes(value) ? value : notFast()
    },
  })
}

/** At most `max` bytes. */
export function bytes(options: { max: number }): Codec<Uint8Array> {
  function check(value: unknown, path: string): Uint8Array {
    if (!(value instanceof Uint8Array)) throw codecError(path, 'expected bytes')
    if (value.length > options.max) throw codecError(path, `${value.length} bytes are more than ${options.max}`)
    return value
  }
  return checked(check, {
    write: (value, out) => (isBytes(value) && value.length <= options.max ? out.bytes(value) : notFast()),
    read: input => input.bytes(options.max),
  })
}

/** Exactly `length` bytes. */
export function fixedBytes(length: number): Codec<Uint8Array> {
  function check(value: unknown, path: string): Uint8Array {
    if (!(value instanceof Uint8Array) || value.length !== length) throw codecError(path, `expected ${length} bytes`)
    return value
  }
  return checked(check, {
    write: (value, out) => (isBytes(value) && value.length === length ? out.bytes(value) : notFast()),
    read(input) {
      const value = input.bytes(length)
      return value.length === length ? value : notFast()
    },
  })
}

function isBytes(value: unknown): boolean {
  return value instanceof Uint8Array
}

/** Lower-case hex in memory, bytes on the wire. */
function hexOf<T extends string>(length: number, what: string): Codec<T> {
  return {
    toWire(value, path = '$') {
      if (typeof value !== 'string' || value.length !== 2 * length || !/^[0-9a-f]*$/.test(value)) {
        throw codecError(path, `not a ${what}`)
      }
      return fromHex(value)
    },
    fromWire(wire, path) {
      if (!(wire instanceof Uint8Array) || wire.length !== length) {
        throw codecError(path, `expected a ${what} of ${length} bytes`)
      }
      return toHex(wire) as T
    },
    fast: {
      write: (value, out) => (typeof value === 'string' ? out.hex(value, length) : notFast()),
      read: input => input.hex(length) as T,
    },
  }
}

export const hash: Codec<Hash> = hexOf<Hash>(32, 'hash')
export const publicKey: Codec<PublicKey> = hexOf<PublicKey>(32, 'public key')
export const signature: Codec<Signature> = hexOf<Signature>(64, 'signature')
export const vrfProof: Codec<VrfProof> = hexOf<VrfProof>(80, 'VRF proof')

/** 20 bytes on the wire; in memory always with its checksum. */
export const address: Codec<Address> = {
  toWire(value, path = '$') {
    if (typeof value !== 'string' || !/^0x[0-9a-fA-F]{40}$/.test(value)) throw codecError(path, 'not an address')
    return addressBytes(value)
  },
  fromWire(wire, path) {
    if (!(wire instanceof Uint8Array) || wire.length !== ADDRESS_BYTES) {
      throw codecError(path, `expected an address of ${ADDRESS_BYTES} bytes`)
    }
    return addressOfBytes(wire)
  },
  fast: {
    write(value, out) {
      if (typeof value !== 'string' || !value.startsWith('0x')) notFast()
      out.hex(value.slice(2).toLowerCase(), ADDRESS_BYTES)
    },
    read(input) {
      if (input.head(BYTES) !== ADDRESS_BYTES) notFast()
      return addressOfBytes(input.take(ADDRESS_BYTES))
    },
  },
}
