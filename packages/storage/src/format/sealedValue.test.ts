import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openSealedValue, sealValue } from './sealedValue.ts'

const bytes = fc.uint8Array({ maxLength: 300 })

test('a sealed value opens to what was sealed', () => {
  fc.assert(
    fc.property(fc.string(), bytes, (key, value) => {
      expect(openSealedValue(key, sealValue(key, value))).toEqual(value)
    }),
  )
})

test('any flipped bit, any cut and any other key is noticed', () => {
  fc.assert(
    fc.property(bytes, fc.nat(), fc.nat(7), (value, at, bit) => {
      const sealed = sealValue('key', value)
      expect(openSealedValue('kex', sealed)).toBeNull()
      expect(openSealedValue('key', sealed.subarray(0, at % sealed.length))).toBeNull()
      sealed[at % sealed.length]! ^= 1 << bit
      expect(openSealedValue('key', sealed)).toBeNull()
    }),
  )
})
