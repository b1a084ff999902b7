import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jpeg } from '../../../test/images.ts'
import { orientationOf, turned } from './exif.ts'
import type { Raster } from './raster.ts'

/** A JPEG with an EXIF part that says so. */
function saying(orientation: number, little: boolean): Uint8Array {
  const exif = new DataView(new ArrayBuffer(36))
  exif.setUint16(0, 0xffe1)
  exif.setUint16(2, 34)
  exif.setUint32(4, 0x45786966)
  exif.setUint16(10, little ? 0x4949 : 0x4d4d)
  exif.setUint16(12, 42, little)
  exif.setUint32(14, 8, little)
  exif.setUint16(18, 1, little)
  exif.setUint16(20, 0x0112, little)
  exif.setUint16(22, 3, little)
  exif.setUint32(24, 1, little)
  exif.setUint16(28, orientation, little)
  const plain = jpeg(8, 8, [1, 2, 3])
  return Buffer.concat([plain.subarray(0, 2), new Uint8Array(exif.buffer), plain.subarray(2)])
}

test('the orientation is read in either byte order; a picture without one is as it is', () => {
  for (const orientation of [1, 2, 3, 4, 5, 6, 7, 8]) {
    expect([orientationOf(saying(orientation, true)), orientationOf(saying(orientation, false))]).toEqual([
      orientation,
      orientation,
    ])
  }
  expect(orientationOf(saying(9, true))).toBe(1)
  expect(orientationOf(jpeg(8, 8, [1, 2, 3]))).toBe(1)
})

test('damaged bytes never throw', () => {
  const whole = saying(6, true)
  fc.assert(
    fc.property(fc.nat({ max: 40 }), fc.nat({ max: 255 }), fc.nat({ max: whole.length }), (at, byte, length) => {
      const damaged = whole.slice(0, length)
      if (at < length) damaged[at] = byte
      expect(orientationOf(damaged)).toBeGreaterThan(0)
    }),
  )
})

// Where the standard says that the stored row 0 and column 0 are: 1 top left, 2 top right, 3 bottom right, 4 bottom left,
// 5 left top, 6 right top, 7 right bottom, 8 left bottom.
const F = ['##', '#.', '##', '#.']

function drawn(rows: readonly string[]): Raster {
  const pixels = Uint8Array.from([...rows.join('')].flatMap(mark => (mark === '#' ? [1, 1, 1] : [0, 0, 0])))
  return { width: rows[0]!.length, height: rows.length, pixels }
}

test.each([
  [1, F],
  [2, ['##', '.#', '##', '.#']],
  [3, ['.#', '##', '.#', '##']],
  [4, ['#.', '##', '#.', '##']],
  [5, ['####', '#.#.']],
  [6, ['#.#.', '####']],
  [7, ['.#.#', '####']],
  [8, ['####', '.#.#']],
])('orientation %i: what was stored becomes the letter again', (orientation, stored) => {
  expect(turned(drawn(stored), orientation)).toEqual(drawn(F))
})
