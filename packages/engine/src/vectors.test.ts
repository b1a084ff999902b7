import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { assertFinite, parametersOfBytes, parametersToBytes } from './vectors.ts'

describe('parameters as bytes', () => {
  test('come back to the bit, little-endian, whatever the alignment', () => {
    fc.assert(
      fc.property(fc.float32Array({ noNaN: true, noDefaultInfinity: true }), values => {
        const bytes = parametersToBytes(values)
        const shifted = new Uint8Array(bytes.length + 1)
        shifted.set(bytes, 1)
        const back = parametersOfBytes(shifted.subarray(1))
        expect(new Uint32Array(back.buffer)).toEqual(new Uint32Array(values.slice().buffer))
      }),
    )
    expect([...parametersToBytes(Float32Array.of(1))]).toEqual([0, 0, 0x80, 0x3f])
  })

  test('are refused when not finite, in either direction, with the place', () => {
    const refusal = expect.objectContaining({ code: 'NON_FINITE', details: { index: 1 } })
    for (const value of [Number.NaN, Infinity, -Infinity]) {
      const values = Float32Array.of(1, value)
      expect(() => assertFinite(values, 'weights')).toThrow(refusal)
      expect(() => parametersToBytes(values)).toThrow(refusal)
      expect(() => parametersOfBytes(new Uint8Array(values.buffer))).toThrow(refusal)
    }
  })

  test('are refused when cut inside a value', () => {
    const refusal = expect.objectContaining({ code: 'PARAMETERS_INVALID' })
    expect(() => parametersOfBytes(new Uint8Array(7))).toThrow(refusal)
  })
})
