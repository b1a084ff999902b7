import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isGrey, type Raster, scaleTo } from './raster.ts'

const raster = (width: number, height: number, grey: readonly number[]): Raster => ({
  width,
  height,
  pixels: Uint8Array.from(grey.flatMap(value => [value, value, value])),
})
const side = fc.integer({ min: 1, max: 12 })

describe('scaling by area', () => {
  test('takes the mean of what a pixel covers, parts of pixels by their part', () => {
    expect([...scaleTo(raster(2, 2, [0, 10, 20, 30]), { width: 1, height: 1 }).pixels]).toEqual([15, 15, 15])
    // Three columns to two: (0 + 90/2) / 1.5 = 30 and (90/2 + 30) / 1.5 = 50.
    const { pixels } = scaleTo(raster(3, 1, [0, 90, 30]), { width: 2, height: 1 })
    expect([pixels[0], pixels[3]]).toEqual([30, 50])
  })

  test('keeps an image of one colour, and all values between its least and its greatest', () => {
    fc.assert(
      fc.property(side, side, side, side, fc.infiniteStream(fc.nat({ max: 255 })), (w, h, width, height, noise) => {
        const grey = Array.from({ length: w * h }, () => noise.next().value!)
        const scaled = scaleTo(raster(w, h, grey), { width, height })
        expect(scaled.pixels.length).toBe(width * height * 3)
        expect(Math.min(...scaled.pixels)).toBeGreaterThanOrEqual(Math.min(...grey))
        expect(Math.max(...scaled.pixels)).toBeLessThanOrEqual(Math.max(...grey))
        expect(isGrey(scaled.pixels)).toBe(true)
      }),
    )
  })

  test('to a multiple of the size repeats pixels', () => {
    const { pixels } = scaleTo(raster(2, 1, [7, 200]), { width: 4, height: 2 })
    expect(pixels.filter((_, i) => i % 3 === 0)).toEqual(Uint8Array.of(7, 7, 200, 200, 7, 7, 200, 200))
  })
})
