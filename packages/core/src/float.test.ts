import fc from 'fast-check'
import { expect, it } from 'vitest'
import { float32Bits, float32OfBits, isFiniteFloat32Bits } from './float.ts'

it('float32 bits and values are each other, over all bits but those of NaN', () => {
  fc.assert(
    fc.property(fc.nat({ max: 0xffffffff }), bits => {
      const value = float32OfBits(bits)
      expect(float32Bits(value)).toBe(Number.isNaN(value) ? 0x7fc00000 : bits)
      expect(isFiniteFloat32Bits(bits)).toBe(Number.isFinite(value))
    }),
    { examples: [[0x7f800000], [0xff800000], [0x7f7fffff], [0xffc00001], [0x80000000], [1], [0xffffffff]] },
  )
  expect(float32Bits(1.5)).toBe(0x3fc00000)
  expect(float32Bits(0.1)).toBe(0x3dcccccd)
})

it('bits that are no 32-bit integer are not finite', () => {
  for (const bits of [-1, 2 ** 32, 0.5, Number.NaN]) expect(isFiniteFloat32Bits(bits)).toBe(false)
})
