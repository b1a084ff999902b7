import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareBytes, concatBytes, equalBytes, fromHex, toHex, u32be, u64be, utf8 } from './bytes.ts'

const small = fc.uint8Array({ maxLength: 6, max: 3 })

describe('hex', () => {
  it('gives back every byte string and is what other tools write', () => {
    fc.assert(
      fc.property(fc.uint8Array(), bytes => {
        expect(toHex(bytes)).toBe(Buffer.from(bytes).toString('hex'))
        expect(fromHex(toHex(bytes))).toEqual(bytes)
      }),
    )
  })

  it('has one spelling', () => {
    for (const text of ['a', 'AB', 'g0', ' 00', '0x00', 'a/', 'a:', '`0']) {
      expect(() => fromHex(text)).toThrow(expect.objectContaining({ code: 'HEX_INVALID' }))
    }
  })
})

describe('comparison', () => {
  it('orders as Buffer does and is equal only for equal bytes', () => {
    fc.assert(
      fc.property(small, small, (a, b) => {
        expect(Math.sign(compareBytes(a, b))).toBe(Buffer.compare(a, b))
        expect(equalBytes(a, b)).toBe(Buffer.compare(a, b) === 0)
        expect(concatBytes(a, b)).toEqual(Uint8Array.from([...a, ...b]))
      }),
    )
  })
})

describe('integers', () => {
  it('are big-endian and refused outside their width', () => {
    expect(toHex(u32be(0x01020304))).toBe('01020304')
    expect(toHex(u64be(2 ** 53 - 1))).toBe('001fffffffffffff')
    expect(toHex(u64be(2 ** 32))).toBe('0000000100000000')
    const invalid = expect.objectContaining({ code: 'RANGE_INVALID' })
    for (const n of [-1, 0.5, 2 ** 32, Number.NaN]) expect(() => u32be(n)).toThrow(invalid)
    for (const n of [-1, 0.5, 2 ** 53, Number.NaN]) expect(() => u64be(n)).toThrow(invalid)
  })
})

it('utf8 is UTF-8', () => {
  expect(toHex(utf8('ä😀'))).toBe('c3a4f09f9880')
})
