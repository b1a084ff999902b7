import type { Compression } from '@hydraai/core'
import { describe, expect, test } from 'vitest'
import { decodeBody, differenceOf, encodeBody, maxBodyBytes } from './body.ts'
import { decodeInt8, encodeInt8 } from './int8.ts'

const int8 = { compression: { type: 'int8' } as Compression }
const sparse = (decayPpm: number): { compression: Compression } => {
  return { compression: { type: 'sparse', keepPpm: 100_000, decayPpm } }
}
const delta = Float32Array.from({ length: 1000 }, (_, i) => Math.sin(i) * (1 + (i % 7)))

describe('the body of an update', () => {
  test('in int8 is whole and leaves nothing for later', () => {
    const { body, residual } = encodeBody(int8, delta, null)
    expect(residual).toBeNull()
    expect(body).toEqual(encodeInt8(delta))
    expect(body.length).toBe(maxBodyBytes(int8, delta.length))
    expect(decodeBody(int8, body, delta.length)).toEqual(decodeInt8(body, delta.length))
  })

  test('if sparse, leaves what it did not send, to half a step of int8', () => {
    const { body, residual } = encodeBody(sparse(950_000), delta, null)
    expect(body.length).toBeLessThanOrEqual(maxBodyBytes(sparse(0), delta.length))
    const sent = decodeBody(sparse(950_000), body, delta.length)
    const left = decodeInt8(residual!, delta.length)
    delta.forEach((value, i) => {
      expect(Math.abs(value - sent[i]! - left[i]!)).toBeLessThan(0.03)
    })
  })

  test('takes up a residual by the recipe’s share', () => {
    const before = encodeInt8(Float32Array.from({ length: 1000 }, (_, i) => (i === 5 ? 127 : 0)))
    const nothing = new Float32Array(1000)
    const whole = encodeBody(sparse(1_000_000), nothing, before)
    expect(decodeBody(sparse(0), whole.body, 1000)[5]).toBe(127)
    const half = encodeBody(sparse(500_000), nothing, before)
    expect(decodeBody(sparse(0), half.body, 1000)[5]).toBe(63.5)
    const none = encodeBody(sparse(0), nothing, before)
    expect(decodeBody(sparse(0), none.body, 1000)).toEqual(nothing)
  })

  test('with feedback sends in time what would be too small to ever be among the largest', () => {
    const steady = Float32Array.from({ length: 100 }, (_, i) => 1 + i / 100)
    const total = new Float32Array(100)
    let residual: Uint8Array | null = null
    for (let unit = 0; unit < 60; unit++) {
      const encoded = encodeBody(sparse(1_000_000), steady, residual)
      decodeBody(sparse(0), encoded.body, 100).forEach((value, i) => {
        total[i] = total[i]! + value
      })
      residual = encoded.residual
    }
    for (const [i, sum] of total.entries()) expect(Math.abs(sum / (60 * steady[i]!) - 1)).toBeLessThan(0.3)
  })

  test('refuses a residual of another model', () => {
    const other = encodeInt8(new Float32Array(999))
    expect(() => encodeBody(sparse(1), delta, other)).toThrow(expect.objectContaining({ code: 'UPDATE_INVALID' }))
  })

  test('is about parameters before minus after', () => {
    expect([...differenceOf(Float32Array.of(1, 2), Float32Array.of(0, 4))]).toEqual([1, -2])
    expect(() => differenceOf(Float32Array.of(1), Float32Array.of())).toThrow(
      expect.objectContaining({ code: 'UPDATE_INVALID' }),
    )
  })
})
