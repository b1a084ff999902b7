import { HydraError } from '@hydraai/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jpeg } from '../../../test/images.ts'
import { decodeJpeg, jpegSizeOf } from './jpeg.ts'

const whole = jpeg(20, 12, [180, 40, 90])

test('a JPEG has its size and about its colours', () => {
  expect(jpegSizeOf(whole, 'x.jpg')).toEqual({ width: 20, height: 12 })
  const { pixels } = decodeJpeg(whole, 'x.jpg')
  expect(pixels.length).toBe(20 * 12 * 3)
  ;[180, 40, 90].forEach((value, i) => {
    expect(Math.abs(pixels[i]! - value)).toBeLessThan(6)
  })
})

test('a JPEG that says it is huge is refused before it is unpacked', () => {
  const huge = Uint8Array.from(whole)
  const frame = huge.findIndex((byte, i) => byte === 0xff && huge[i + 1] === 0xc0)
  huge.set([0xff, 0xff, 0xff, 0xff], frame + 5)
  expect(() => decodeJpeg(huge, 'x.jpg')).toThrow(expect.objectContaining({ code: 'DATA_TOO_LARGE' }))
})

test('damaged JPEGs are refused or read, and never throw anything else', () => {
  fc.assert(
    fc.property(fc.nat({ max: whole.length - 3 }), fc.nat({ max: 255 }), fc.boolean(), (where, byte, cut) => {
      const damaged = Uint8Array.from(cut ? whole.subarray(0, where + 3) : whole)
      if (!cut) damaged[where + 2] = byte
      try {
        decodeJpeg(damaged, 'x.jpg')
      } catch (error) {
        expect(error).toBeInstanceOf(HydraError)
      }
    }),
    { numRuns: 300 },
  )
})
