import { encode as encodeJpegImage } from 'jpeg-js'
import { writePng } from './pngWriter.ts'

/** A PNG of one shade (grey) or one colour, with a little noise from `seed`. */
export function png(
  width: number,
  height: number,
  shade: number | readonly [number, number, number],
  seed = 0,
): Uint8Array {
  const colours = typeof shade === 'number' ? [shade] : shade
  return writePng({
    width,
    height,
    depth: 8,
    colour: colours.length === 1 ? 0 : 2,
    sample: i => (colours[i % colours.length]! + ((i * 7 + seed * 13) % 16)) & 255,
    filter: () => 1,
  })
}

export function jpeg(width: number, height: number, colour: readonly [number, number, number]): Uint8Array {
  const data = Uint8Array.from({ length: width * height * 4 }, (_, i) => [...colour, 255][i % 4]!)
  return encodeJpegImage({ width, height, data }, 90).data
}
