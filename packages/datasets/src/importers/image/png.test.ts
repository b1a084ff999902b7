import { deflateSync } from 'node:zlib'
import { HydraError } from '@hydraai/core'
import fc from 'fast-check'
import { encode } from 'fast-png'
import { describe, expect, test } from 'vitest'
import { CHANNELS, chunk, type PngSource, writePng } from '../../../test/pngWriter.ts'
import { decodePng } from './png.ts'

const KINDS = [
  [0, 1],
  [0, 2],
  [0, 4],
  [0, 8],
  [0, 16],
  [2, 8],
  [2, 16],
  [3, 1],
  [3, 2],
  [3, 4],
  [3, 8],
  [4, 8],
  [4, 16],
  [6, 8],
  [6, 16],
] as const

const PALETTE = Uint8Array.from({ length: 768 }, (_, i) => (i * 37) & 255)

const anyPng = fc
  .record({
    kind: fc.constantFrom(...KINDS),
    width: fc.integer({ min: 1, max: 19 }),
    height: fc.integer({ min: 1, max: 19 }),
    interlaced: fc.boolean(),
    noise: fc.infiniteStream(fc.integer({ min: 0, max: 65_535 })),
    filters: fc.infiniteStream(fc.integer({ min: 0, max: 4 })),
  })
  .map(({ kind: [colour, depth], width, height, interlaced, noise, filters }): PngSource => {
    const samples = Array.from(
      { length: width * height * CHANNELS[colour]! },
      () => noise.next().value! & ((1 << depth) - 1),
    )
    const rows = Array.from({ length: height }, () => filters.next().value!)
    const palette = colour === 3 ? { palette: PALETTE.subarray(0, 3 << depth) } : {}
    return { width, height, depth, colour, interlaced, ...palette, sample: i => samples[i]!, filter: row => rows[row]! }
  })

/** What the pixels ought to be, straight from the samples. */
function expectedPixels({ width, height, depth, colour, palette, sample }: PngSource): number[] {
  const channels = CHANNELS[colour]!
  const byte = (i: number) => (depth === 16 ? sample(i) >> 8 : (sample(i) * 255) / ((1 << depth) - 1))
  return Array.from({ length: width * height }, (_, pixel) => {
    const at = pixel * channels
    if (colour === 3) return [...palette!.subarray(3 * sample(at), 3 * sample(at) + 3)]
    const rgb = channels >= 3 ? [byte(at), byte(at + 1), byte(at + 2)] : [byte(at), byte(at), byte(at)]
    const opacity = channels % 2 === 0 ? byte(at + channels - 1) : 255
    return rgb.map(value => Math.floor((value * opacity + 255 * (255 - opacity) + 127) / 255))
  }).flat()
}

describe('PNG', () => {
  test('of every depth, colour type, filter and interlacing comes out as it went in', () => {
    fc.assert(
      fc.property(anyPng, source => {
        const { width, height, pixels } = decodePng(writePng(source), 'x.png')
        expect([width, height]).toEqual([source.width, source.height])
        expect([...pixels]).toEqual(expectedPixels(source))
      }),
      { numRuns: 200 },
    )
  })

  test.each(['null', 'Adam7'] as const)('of another writer comes out as it went in (interlace: %s)', interlace => {
    const data = Uint8Array.from({ length: 13 * 9 * 3 }, (_, i) => (i * i) & 255)
    const { pixels } = decodePng(encode({ width: 13, height: 9, data, channels: 3 }, { interlace }), 'x.png')
    expect([...pixels]).toEqual([...data])
  })

  test('colours of a palette may be transparent', () => {
    const source = { width: 2, height: 1, depth: 8, colour: 3, sample: (i: number) => i, filter: () => 0 }
    const png = writePng({ ...source, palette: Uint8Array.of(10, 20, 30, 40, 50, 60), opacities: Uint8Array.of(0) })
    expect([...decodePng(png, 'x.png').pixels]).toEqual([255, 255, 255, 40, 50, 60])
  })

  test('that is cut off anywhere is refused by name', () => {
    const whole = writePng({ width: 7, height: 5, depth: 8, colour: 2, sample: i => i, filter: row => row % 5 })
    for (let length = 8; length < whole.length; length++) {
      expect(() => decodePng(whole.subarray(0, length), 'x.png')).toThrow(
        expect.objectContaining({ code: 'DATA_INVALID', message: expect.stringMatching(/^x\.png: /) }),
      )
    }
  })

  test('with damaged bytes is refused or read, and never throws anything else', () => {
    fc.assert(
      fc.property(anyPng, fc.nat(), fc.nat({ max: 255 }), (source, where, byte) => {
        const png = writePng(source)
        png[8 + (where % (png.length - 8))] = byte
        try {
          decodePng(png, 'x.png')
        } catch (error) {
          expect(error).toBeInstanceOf(HydraError)
        }
      }),
      { numRuns: 200 },
    )
  })

  /** A PNG that says it has this size, with this image data. */
  function claiming(width: number, height: number, data: Uint8Array, colour = 0): Uint8Array {
    const small = writePng({ width: 1, height: 1, depth: 8, colour, sample: () => 0, filter: () => 0 })
    const header = new Uint8Array(13)
    new DataView(header.buffer).setUint32(0, width)
    new DataView(header.buffer).setUint32(4, height)
    header.set([8, colour, 0, 0, 0], 8)
    return Buffer.concat([
      small.subarray(0, 8),
      chunk('IHDR', header),
      chunk('IDAT', data),
      chunk('IEND', new Uint8Array(0)),
    ])
  }

  test.each([
    [
      'a size beyond all memory',
      () => claiming(0xffff_ffff, 0xffff_ffff, deflateSync(new Uint8Array(2))),
      'DATA_TOO_LARGE',
    ],
    ['no size', () => claiming(0, 5, deflateSync(new Uint8Array(2))), 'DATA_INVALID'],
    ['a bomb for image data', () => claiming(4, 4, deflateSync(new Uint8Array(64 * 1024 * 1024))), 'DATA_TOO_LARGE'],
    ['fewer rows than it says', () => claiming(4, 4, deflateSync(new Uint8Array(15))), 'DATA_INVALID'],
    ['no palette', () => claiming(4, 4, deflateSync(new Uint8Array(20)), 3), 'DATA_INVALID'],
    ['a filter that does not exist', () => claiming(1, 1, deflateSync(Uint8Array.of(5, 0))), 'DATA_INVALID'],
    ['no image data', () => claiming(1, 1, new Uint8Array(0)), 'DATA_INVALID'],
  ])('with %s is refused', (_, png, code) => {
    expect(() => decodePng(png(), 'x.png')).toThrow(expect.objectContaining({ code }))
  })
})
