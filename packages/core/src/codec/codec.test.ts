import * as dagCbor from '@ipld/dag-cbor'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addressOfBytes } from '../address.ts'
import { MAX_MICRO } from '../amount.ts'
import type { Hash, PublicKey, Signature } from '../brand.ts'
import { concatBytes, fromHex, toHex } from '../bytes.ts'
import { HydraError } from '../errors.ts'
import { type Codec, decode, decodeSlowly, encode, encodeSlowly, type Infer } from './codec.ts'
import { list, nullable, struct, variant } from './composites.ts'
import { Reader } from './fast.ts'
import {
  address,
  bool,
  bytes,
  fixedBytes,
  hash,
  int,
  literal,
  micro,
  oneOf,
  publicKey,
  signature,
  text,
  uint,
  uintMax,
  uintRange,
} from './scalars.ts'

const refused = expect.objectContaining({ code: 'CODEC_INVALID' })
const refusedAt = (message: RegExp) =>
  expect.objectContaining({ code: 'CODEC_INVALID', message: expect.stringMatching(message) })
const hex = (codec: Codec<unknown>, encoded: string) => decode(codec, fromHex(encoded))

const item = variant({
  empty: {},
  transfer: { to: address, amount: micro, memo: text({ maxBytes: 64 }) },
  proof: { root: hash, path: list(hash, { max: 4 }), key: publicKey, by: nullable(signature) },
})
const everything = struct({
  format: literal('test/1'),
  height: uint,
  delta: int,
  small: uintMax(255),
  flag: bool,
  phase: oneOf(['work', 'reveal']),
  blob: bytes({ max: 64 }),
  word: fixedBytes(8),
  items: list(item, { max: 10 }),
  maybe: nullable(struct({ a: uint, longer: uint })),
})
type Everything = Infer<typeof everything>

const hexText = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map(toHex)
const hashes = hexText(32) as fc.Arbitrary<Hash>
const items: fc.Arbitrary<Infer<typeof item>> = fc.oneof(
  fc.record({ type: fc.constant('empty' as const) }),
  fc.record({
    type: fc.constant('transfer' as const),
    to: fc.uint8Array({ minLength: 20, maxLength: 20 }).map(addressOfBytes),
    amount: fc.bigInt({ min: 0n, max: MAX_MICRO }),
    memo: fc.string({ unit: 'grapheme', maxLength: 8 }).filter(memo => Buffer.byteLength(memo) <= 64),
  }),
  fc.record({
    type: fc.constant('proof' as const),
    root: hashes,
    path: fc.array(hashes, { maxLength: 4 }),
    key: hexText(32) as fc.Arbitrary<PublicKey>,
    by: fc.option(hexText(64) as fc.Arbitrary<Signature>),
  }),
)
const values: fc.Arbitrary<Everything> = fc.record({
  format: fc.constant('test/1' as const),
  height: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
  delta: fc.maxSafeInteger(),
  small: fc.nat({ max: 255 }),
  flag: fc.boolean(),
  phase: fc.constantFrom('work' as const, 'reveal' as const),
  blob: fc.uint8Array({ maxLength: 64 }),
  word: fc.uint8Array({ minLength: 8, maxLength: 8 }),
  items: fc.array(items, { maxLength: 10 }),
  maybe: fc.option(fc.record({ a: fc.nat(), longer: fc.nat() })),
})

/** Decodes, or gives null for what is refused; any error but the codec's own fails the test. */
function tryDecode<T>(codec: Codec<T>, input: Uint8Array): { value: T } | null {
  try {
    return { value: decode(codec, input) }
  } catch (error) {
    if (error instanceof HydraError && error.code === 'CODEC_INVALID') return null
    throw error
  }
}

describe('encode and decode', () => {
  it('give back every value, from one canonical encoding', () => {
    fc.assert(
      fc.property(values, value => {
        const encoded = encode(everything, value)
        expect(decode(everything, encoded)).toEqual(value)
        const turned = Object.fromEntries(Object.entries(value).toReversed()) as Everything
        expect(encode(everything, turned)).toEqual(encoded)
      }),
    )
  })

  it('never read two inputs as one value: a changed input is refused or means something else', () => {
    fc.assert(
      fc.property(values, fc.nat(), fc.integer({ min: 1, max: 255 }), (value, where, flip) => {
        const encoded = encode(everything, value)
        encoded[where % encoded.length]! ^= flip
        const read = tryDecode(everything, encoded)
        if (read !== null) expect(encode(everything, read.value)).toEqual(encoded)
      }),
      { numRuns: 1000 },
    )
  })

  it('refuse every input that is cut short or has a byte too many', () => {
    fc.assert(
      fc.property(values, fc.nat(), (value, where) => {
        const encoded = encode(everything, value)
        expect(tryDecode(everything, encoded.subarray(0, where % encoded.length))).toBeNull()
        expect(tryDecode(everything, concatBytes(encoded, Uint8Array.of(where & 255)))).toBeNull()
      }),
    )
  })

  it('refuse noise with their own error and no other', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), noise => {
        expect(tryDecode(everything, noise)).toBeNull()
      }),
      { numRuns: 1000 },
    )
  })

  it('write RFC 8949 core deterministic CBOR with dag-cbor key order', () => {
    const codec = struct({ bb: uint, a: uint, c: hash })
    const encoded = encode(codec, { bb: 24, a: 1, c: 'ab'.repeat(32) as Hash })
    expect(toHex(encoded)).toBe(`a361610161635820${'ab'.repeat(32)}6262621818`)
  })

  it('do not keep a view into the input', () => {
    const input = encode(bytes({ max: 4 }), Uint8Array.of(1, 2, 3))
    const value = decode(bytes({ max: 4 }), input)
    input.fill(0)
    expect(value).toEqual(Uint8Array.of(1, 2, 3))
  })
})

describe('the fast way', () => {
  const outcome = (read: () => unknown): unknown => {
    try {
      return read()
    } catch (error) {
      if (error instanceof HydraError && error.code === 'CODEC_INVALID') return error.message
      throw error
    }
  }

  it('writes what the slow way writes, and is not left for anything that is right', () => {
    fc.assert(
      fc.property(values, value => {
        const encoded = encodeSlowly(everything, value)
        expect(toHex(encode(everything, value))).toBe(toHex(encoded))
        expect(everything.fast!.read(new Reader(encoded))).toEqual(value)
      }),
    )
  })

  it('takes and refuses what the slow way takes and refuses, in the same words', () => {
    const byte = fc.integer({ min: 0, max: 255 })
    const changes = fc.array(fc.tuple(fc.nat(), byte, fc.constantFrom('set', 'insert', 'remove')), { maxLength: 3 })
    fc.assert(
      fc.property(values, changes, (value, edits) => {
        const input = [...encode(everything, value)]
        for (const [where, with_, how] of edits)
          input.splice(where % input.length, how === 'insert' ? 0 : 1, ...(how === 'remove' ? [] : [with_]))
        const bytes = Uint8Array.from(input)
        expect(outcome(() => decode(everything, bytes))).toEqual(outcome(() => decodeSlowly(everything, bytes)))
      }),
      { numRuns: 3000 },
    )
  })

  it('keeps values that sit at the edges of a width', () => {
    const codec = struct({ n: int, m: micro, b: bytes({ max: 70_000 }), t: text({ maxBytes: 70_000 }) })
    const numbers = [23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER]
    for (const n of [...numbers, ...numbers.map(one => -one)]) {
      const size = Math.min(Math.abs(n), 65_537)
      const m = BigInt(Math.abs(n)) * 3n > MAX_MICRO ? MAX_MICRO : BigInt(Math.abs(n)) * 3n
      const value = { n, m, b: new Uint8Array(size).fill(1), t: 'é'.repeat(size >> 1) }
      const encoded = encodeSlowly(codec, value)
      expect(toHex(encode(codec, value))).toBe(toHex(encoded))
      expect(codec.fast!.read(new Reader(encoded))).toEqual(value)
    }
  })

  it('gives a text with a byte order mark to the slow way', () => {
    const codec = text({ maxBytes: 200 })
    for (const marked of ['\ufeffab', `\ufeff${'a'.repeat(100)}`]) {
      const encoded = encode(codec, marked)
      expect(toHex(encoded)).toBe(toHex(encodeSlowly(codec, marked)))
      expect(outcome(() => decode(codec, encoded))).toEqual(outcome(() => decodeSlowly(codec, encoded)))
    }
  })
})

describe('decode refuses', () => {
  const ab = struct({ a: uint, b: uint })

  it('keys twice, out of order, missing, unknown or inherited', () => {
    expect(hex(ab, 'a2616101616202')).toEqual({ a: 1, b: 2 })
    expect(() => hex(ab, 'a3616101616101616202')).toThrow(refused)
    expect(() => hex(ab, 'a2616202616101')).toThrow(refused)
    expect(() => hex(ab, 'a1616101')).toThrow(refusedAt(/"b" is missing/))
    expect(() => hex(ab, 'a3616101616202616303')).toThrow(refusedAt(/"c" is not known/))
    const proto = dagCbor.encode({ a: 1, b: 2, x: {} })
    const polluted = fromHex(toHex(proto).replace('6178', '695f5f70726f746f5f5f'))
    expect(() => decode(ab, polluted)).toThrow(refused)
    expect(() => hex(struct({ toString: uint }), 'a0')).toThrow(refusedAt(/missing/))
    expect(() => hex(ab, 'a2016101616202')).toThrow(refused)
    expect(() => hex(ab, 'a261610161620200')).toThrow(refusedAt(/1 bytes too many/))
  })

  it('integers that are wider than needed, floats, NaN and tags', () => {
    expect(hex(uint, '17')).toBe(23)
    for (const other of ['1817', '190017', '1a00000017', '1b0000000000000017']) {
      expect(() => hex(uint, other)).toThrow(refused)
    }
    for (const float of ['fb3ff0000000000000', 'f93c00', 'fa3f800000', 'f97e00', 'fb7ff0000000000000']) {
      expect(() => hex(uint, float)).toThrow(refused)
    }
    expect(() => hex(micro, 'c24101')).toThrow(refusedAt(/a tag/))
    expect(() => hex(bytes({ max: 99 }), `d82a5825${'00'.repeat(37)}`)).toThrow(refused)
  })

  it('undefined, indefinite lengths and text that is not UTF-8', () => {
    expect(() => hex(nullable(uint), 'f7')).toThrow(refused)
    expect(hex(nullable(uint), 'f6')).toBeNull()
    expect(() => hex(list(uint, { max: 9 }), '9f01ff')).toThrow(refused)
    expect(() => hex(bytes({ max: 9 }), '5f4101ff')).toThrow(refused)
    expect(() => hex(text({ maxBytes: 9 }), '62c328')).toThrow(refused)
    expect(() => hex(text({ maxBytes: 9 }), '63eda080')).toThrow(refused)
  })

  it('more bytes than allowed, before looking at them', () => {
    const codec = bytes({ max: 1000 })
    const encoded = encode(codec, new Uint8Array(100))
    expect(() => decode(codec, encoded, { maxBytes: 101 })).toThrow(refusedAt(/101 allowed/))
    expect(decode(codec, encoded, { maxBytes: 102 })).toHaveLength(100)
  })

  it('nesting that would exhaust the stack, and counts that would exhaust memory', () => {
    const codec = list(uint, { max: 10 })
    expect(() => decode(codec, new Uint8Array(1_000_000).fill(0x81))).toThrow(refusedAt(/nesting/))
    expect(() => hex(codec, '9affffffff')).toThrow(refusedAt(/beyond the end/))
    expect(() => hex(codec, '9bffffffffffffffff')).toThrow(refusedAt(/beyond the end/))
    expect(() => hex(codec, 'bb7fffffffffffffff')).toThrow(refusedAt(/beyond the end/))
    expect(() => hex(bytes({ max: 10 }), '5affffffff')).toThrow(refusedAt(/beyond the end/))
    const wide = nullable(list(list(uint, { max: 1 }), { max: 40 }))
    const many = Array.from({ length: 40 }, (_, i) => [i])
    expect(decode(wide, encode(wide, many))).toEqual(many)
  })

  it('says where the fault is', () => {
    const encoded = dagCbor.encode({ items: [{ type: 'transfer', to: new Uint8Array(19), amount: 1, memo: '' }] })
    expect(() => decode(struct({ items: list(item, { max: 3 }) }), encoded)).toThrow(
      refusedAt(/\$\.items\[0\]\.to: .*20/),
    )
  })
})

describe('scalars', () => {
  it('carry amounts beyond 2^53 exactly, and no others than 0 to 2^63-1', () => {
    for (const amount of [0n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n, MAX_MICRO]) {
      expect(decode(micro, encode(micro, amount))).toBe(amount)
    }
    expect(() => encode(micro, -1n)).toThrow(refused)
    expect(() => encode(micro, MAX_MICRO + 1n)).toThrow(refused)
    expect(() => encode(micro, 1 as unknown as bigint)).toThrow(refused)
    expect(() => hex(micro, '20')).toThrow(refused)
    expect(() => hex(micro, '1b8000000000000000')).toThrow(refused)
  })

  it('keep integers in their bounds in both directions', () => {
    expect(decode(int, encode(int, Number.MIN_SAFE_INTEGER))).toBe(Number.MIN_SAFE_INTEGER)
    expect(() => hex(uint, '1b0020000000000000')).toThrow(refused)
    expect(() => hex(int, '3b001fffffffffffff')).toThrow(refused)
    expect(() => hex(uintRange(1, 3), '00')).toThrow(refused)
    expect(() => hex(uintRange(1, 3), '04')).toThrow(refused)
    for (const value of [1.5, Number.NaN, -1, 2 ** 53, Number.POSITIVE_INFINITY]) {
      expect(() => encode(uint, value)).toThrow(refused)
    }
    expect(toHex(encode(uint, -0))).toBe('00')
  })

  it('count the length of a text in bytes and refuse lone surrogates', () => {
    const codec = text({ maxBytes: 4 })
    expect(decode(codec, encode(codec, '😀'))).toBe('😀')
    expect(() => encode(codec, 'äää')).toThrow(refused)
    expect(() => encode(codec, '\ud83d')).toThrow(refused)
    expect(() => hex(codec, '656161616161')).toThrow(refused)
  })

  it('take hashes, keys and addresses only in their one spelling', () => {
    for (const bad of ['AB'.repeat(32), 'ab'.repeat(31), 'zz'.repeat(32), '']) {
      expect(() => encode(hash, bad as Hash)).toThrow(refused)
    }
    expect(() => hex(hash, `581f${'00'.repeat(31)}`)).toThrow(refused)
    expect(() => hex(hash, `7840${'61'.repeat(64)}`)).toThrow(refused)
    expect(() => hex(address, `55${'00'.repeat(21)}`)).toThrow(refused)
  })

  it('say in encode which field is wrong', () => {
    const codec = struct({ outer: struct({ inner: uint }) })
    expect(() => encode(codec, { outer: { inner: -1 } })).toThrow(refusedAt(/\$\.outer\.inner/))
  })
})

describe('composites', () => {
  it('encode a wider value as the narrower struct', () => {
    const wide = { a: 1, b: 2 }
    expect(encode(struct({ a: uint }), wide)).toEqual(encode(struct({ a: uint }), { a: 1 }))
  })

  it('refuse an unknown or inherited variant and more items than allowed', () => {
    expect(() => decode(item, dagCbor.encode({ type: 'constructor' }))).toThrow(refusedAt(/empty, transfer, proof/))
    expect(() => decode(item, dagCbor.encode({}))).toThrow(refused)
    expect(() => decode(item, dagCbor.encode({ type: 'empty', more: 1 }))).toThrow(refused)
    expect(() => decode(list(uint, { max: 2 }), dagCbor.encode([1, 2, 3]))).toThrow(refusedAt(/3 items/))
    expect(() => variant({ bad: { type: uint } })).toThrow(TypeError)
  })

  it('refuse a wire value of another shape', () => {
    for (const shape of [1, 'text', null, true, [], {}, Uint8Array.of(1)]) {
      expect(tryDecode(everything, dagCbor.encode(shape))).toBeNull()
      expect(tryDecode(item, dagCbor.encode(shape))).toBeNull()
    }
  })
})
