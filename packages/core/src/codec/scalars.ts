import { ADDRESS_BYTES, addressBytes, addressOfBytes } from '../address.ts'
import { MAX_MICRO } from '../amount.ts'
import type { Address, Hash, Micro, PublicKey, Signature, VrfProof } from '../brand.ts'
import { fromHex, toHex, utf8 } from '../bytes.ts'
import { type Codec, codecError } from './codec.ts'

/** A codec whose wire form is the value itself, checked the same way in both directions. */
function checked<T>(check: (value: unknown, path: string) => T): Codec<T> {
  return { toWire: (value, path = '$') => check(value, path), fromWire: check }
}

/** An integer `min`..`max`, both safe integers. */
export function uintRange(min: number, max: number): Codec<number> {
  return checked((value, path) => {
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > max) {
      throw codecError(path, `expected an integer from ${min} to ${max}`)
    }
    return value + 0 // turns -0 into 0
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
}

export const bool: Codec<boolean> = checked((value, path) => {
  if (typeof value !== 'boolean') throw codecError(path, 'expected true or false')
  return value
})

/** Text of at most `maxBytes` bytes of UTF-8. */
export function text(options: { maxBytes: number }): Codec<string> {
  return checked((value, path) => {
    if (typeof value !== 'string') throw codecError(path, 'expected a text')
    if (value.length > options.maxBytes || utf8(value).length > options.maxBytes) {
      throw codecError(path, `a text longer than ${options.maxBytes} bytes`)
    }
    // A lone surrogate has no UTF-8, so two different texts would share one encoding.
    if (!value.isWellFormed()) throw codecError(path, 'a text that is not well-formed Unicode')
    return value
  })
}

/** Exactly this text, such as the name of a format. */
export function literal<const L extends string>(expected: L): Codec<L> {
  return oneOf([expected])
}

/** One of these texts. */
export function oneOf<const L extends string>(choices: readonly L[]): Codec<L> {
  return checked((value, path) => {
    const choice = choices.find(candidate => candidate === value)
    if (choice === undefined) throw codecError(path, `expected ${choices.map(c => `"${c}"`).join(' or ')}`)
    return choice
  })
}

/** At most `max` bytes. */
export function bytes(options: { max: number }): Codec<Uint8Array> {
  return checked((value, path) => {
    if (!(value instanceof Uint8Array)) throw codecError(path, 'expected bytes')
    if (value.length > options.max) throw codecError(path, `${value.length} bytes are more than ${options.max}`)
    return value
  })
}

/** Exactly `length` bytes. */
export function fixedBytes(length: number): Codec<Uint8Array> {
  return checked((value, path) => {
    if (!(value instanceof Uint8Array) || value.length !== length) throw codecError(path, `expected ${length} bytes`)
    return value
  })
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
}
