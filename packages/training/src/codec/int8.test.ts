import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeInt8, encodeInt8, INT8_BLOCK, int8SizeOf } from './int8.ts'

const refused = expect.objectContaining({ code: 'UPDATE_INVALID' })
const values = fc.float32Array({ min: -1e6, max: 1e6, noNaN: true, minLength: 1, maxLength: 3 * INT8_BLOCK })

describe('an update in one byte a value', () => {
  test('keeps every value to half a step of its block', () => {
    fc.assert(
      fc.property(values, delta => {
        const decoded = decodeInt8(encodeInt8(delta), delta.length)
        for (let start = 0; start < delta.length; start += INT8_BLOCK) {
          const block = delta.subarray(start, start + INT8_BLOCK)
          const largest = block.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
          // Half a step, and what rounding the scale to float32 can add near the smallest numbers.
          const tolerance = (largest / 127) * 0.5001 + 127 * 2 ** -149
          block.forEach((value, i) => {
            expect(Math.abs(value - decoded[start + i]!)).toBeLessThanOrEqual(tolerance)
          })
        }
      }),
    )
  })

  test('has the documented bytes', () => {
    const payload = encodeInt8(Float32Array.of(1, -2, 0))
    expect(payload.length).toBe(int8SizeOf(3))
    expect([...payload.subarray(0, 8)]).toEqual([0x48, 0x55, 0x50, 0x31, 3, 0, 0, 0])
    expect([...new Int8Array(payload.slice(12).buffer)]).toEqual([64, -127, 0])
    expect([...decodeInt8(payload, 3)].map(value => Math.round(value))).toEqual([1, -2, 0])
  })

  test('never throws anything but UPDATE_INVALID at a stranger, and never yields a non-finite value', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 12, maxLength: 40 }), fc.boolean(), (noise, framed) => {
        const count = noise.length - 12
        const payload = noise.slice()
        if (framed) payload.set([0x48, 0x55, 0x50, 0x31, count, 0, 0, 0])
        try {
          expect(decodeInt8(payload, count).every(value => Number.isFinite(value))).toBe(true)
        } catch (error) {
          expect(error).toEqual(refused)
        }
      }),
      { numRuns: 500 },
    )
  })

  test('is refused with a wrong size, mark, count, scale or level', () => {
    const good = encodeInt8(Float32Array.of(1, -1))
    const altered = (at: number, bytes: number[]): Uint8Array => {
      const payload = good.slice()
      payload.set(bytes, at)
      return payload
    }
    const wrong: [string, Uint8Array, number][] = [
      ['size', good, 3],
      ['cut', good.subarray(1), 2],
      ['mark', altered(0, [0]), 2],
      ['count', altered(4, [3]), 2],
      ['infinite scale', altered(8, [0, 0, 0x80, 0x7f]), 2],
      ['NaN scale', altered(8, [0, 0, 0xc0, 0x7f]), 2],
      ['negative scale', altered(8, [0, 0, 0x80, 0xbf]), 2],
      ['negative zero scale', altered(8, [0, 0, 0, 0x80]), 2],
      ['no scale', altered(8, [0, 0, 0, 0]), 2],
      ['overflow', altered(8, [0xff, 0xff, 0x7f, 0x7f]), 2],
      ['level', altered(12, [0x80]), 2],
    ]
    for (const [what, payload, count] of wrong) expect(() => decodeInt8(payload, count), what).toThrow(refused)
  })

  test('is not made of values that are not finite', () => {
    const nonFinite = expect.objectContaining({ code: 'NON_FINITE' })
    expect(() => encodeInt8(Float32Array.of(Number.NaN))).toThrow(nonFinite)
    expect(() => encodeInt8(Float32Array.of(1, Number.NEGATIVE_INFINITY))).toThrow(nonFinite)
  })
})
