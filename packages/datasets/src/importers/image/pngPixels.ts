/** From the unpacked bytes of a PNG to pixels: W3C PNG sections 7 (representation), 8 (interlacing) and 9 (filters). */
import type { Size } from './raster.ts'

export interface Layout extends Size {
  /** Bits a sample. */
  readonly depth: number
  /** Colour type: 0 grey, 2 colours, 3 palette, 4 grey with opacity, 6 colours with opacity. */
  readonly colour: number
  readonly interlaced: boolean
}

export interface Palette {
  readonly palette: Uint8Array | null
  readonly opacities: Uint8Array | null
}

const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }

/** Every `step`-th pixel from `first` on: a reduced image of Adam7, or the whole. */
interface Pass {
  readonly x: number
  readonly y: number
  readonly stepX: number
  readonly stepY: number
}

const WHOLE: readonly Pass[] = [{ x: 0, y: 0, stepX: 1, stepY: 1 }]
const ADAM7: readonly Pass[] = [
  { x: 0, y: 0, stepX: 8, stepY: 8 },
  { x: 4, y: 0, stepX: 8, stepY: 8 },
  { x: 0, y: 4, stepX: 4, stepY: 8 },
  { x: 2, y: 0, stepX: 4, stepY: 4 },
  { x: 0, y: 2, stepX: 2, stepY: 4 },
  { x: 1, y: 0, stepX: 2, stepY: 2 },
  { x: 0, y: 1, stepX: 1, stepY: 2 },
]

/** Bytes of all rows with their filter bytes. */
export function unpackedBytesOf(layout: Layout): number {
  return passesOf(layout).reduce((sum, { rows, rowBytes }) => sum + rows * (1 + rowBytes), 0)
}

/** `[height, width, 3]`, laid on white; null when a filter or a colour does not exist. `bytes` are changed. */
export function pixelsOf(layout: Layout, colours: Palette, bytes: Uint8Array): Uint8Array | null {
  const pixels = new Uint8Array(layout.width * layout.height * 3)
  const put = pixelWriter(layout, colours, pixels)
  const pixelBytes = Math.max(1, (CHANNELS[layout.colour]! * layout.depth) >> 3)
  let at = 0
  for (const { pass, rows, columns, rowBytes } of passesOf(layout)) {
    let above: Uint8Array = new Uint8Array(rowBytes)
    for (let row = 0; row < rows; row++) {
      const line = bytes.subarray(at + 1, at + 1 + rowBytes)
      if (!unfilter(bytes[at]!, line, above, pixelBytes)) return null
      const start = (pass.y + row * pass.stepY) * layout.width + pass.x
      for (let i = 0; i < columns; i++) if (!put(line, i, start + i * pass.stepX)) return null
      above = line
      at += 1 + rowBytes
    }
  }
  return pixels
}

function passesOf(layout: Layout): { pass: Pass; rows: number; columns: number; rowBytes: number }[] {
  return (layout.interlaced ? ADAM7 : WHOLE)
    .map(pass => {
      const columns = Math.ceil((layout.width - pass.x) / pass.stepX)
      const rows = Math.ceil((layout.height - pass.y) / pass.stepY)
      return { pass, rows, columns, rowBytes: Math.ceil((columns * CHANNELS[layout.colour]! * layout.depth) / 8) }
    })
    .filter(({ rows, columns }) => rows > 0 && columns > 0)
}

/** Undoes the filter of one row in place; false for a filter that does not exist. */
function unfilter(filter: number, line: Uint8Array, above: Uint8Array, pixelBytes: number): boolean {
  if (filter > 4) return false
  if (filter === 0) return true
  for (let i = 0; i < line.length; i++) {
    const left = i < pixelBytes ? 0 : line[i - pixelBytes]!
    const up = above[i]!
    if (filter === 1) line[i] = line[i]! + left
    else if (filter === 2) line[i] = line[i]! + up
    else if (filter === 3) line[i] = line[i]! + ((left + up) >> 1)
    else line[i] = line[i]! + paeth(left, up, i < pixelBytes ? 0 : above[i - pixelBytes]!)
  }
  return true
}

function paeth(left: number, up: number, corner: number): number {
  const toLeft = Math.abs(up - corner)
  const toUp = Math.abs(left - corner)
  const toCorner = Math.abs(left + up - 2 * corner)
  if (toLeft <= toUp && toLeft <= toCorner) return left
  return toUp <= toCorner ? up : corner
}

/** Writes pixel number `column` of a row to place `to`; false for a colour that is not in the palette. */
function pixelWriter(
  { colour, depth }: Layout,
  { palette, opacities }: Palette,
  pixels: Uint8Array,
): (line: Uint8Array, column: number, to: number) => boolean {
  const channels = CHANNELS[colour]!
  const set = (to: number, red: number, green: number, blue: number, opacity: number): boolean => {
    pixels[3 * to] = onWhite(red, opacity)
    pixels[3 * to + 1] = onWhite(green, opacity)
    pixels[3 * to + 2] = onWhite(blue, opacity)
    return true
  }
  if (colour === 3) {
    return (line, column, to) => {
      const entry = sampleOf(line, column, depth)
      const at = 3 * entry
      if (palette === null || at + 2 >= palette.length) return false
      return set(to, palette[at]!, palette[at + 1]!, palette[at + 2]!, opacities?.[entry] ?? 255)
    }
  }
  const [green, blue] = channels >= 3 ? [1, 2] : [0, 0]
  const opaque = channels === 1 || channels === 3
  const byteOf = byteReader(depth)
  return (line, column, to) => {
    const first = column * channels
    const part = (channel: number): number => byteOf(sampleOf(line, first + channel, depth))
    return set(to, part(0), part(green), part(blue), opaque ? 255 : part(channels - 1))
  }
}

/** Sample number `index` of a row of samples with `depth` bits, the high bits of a byte first. */
function sampleOf(line: Uint8Array, index: number, depth: number): number {
  if (depth === 8) return line[index]!
  // Of 16 bits the upper byte is enough for what comes out.
  if (depth === 16) return line[2 * index]!
  const bit = index * depth
  return (line[bit >> 3]! >> (8 - depth - (bit & 7))) & ((1 << depth) - 1)
}

/** A sample of fewer than 8 bits spread over 0..255. */
function byteReader(depth: number): (sample: number) => number {
  const step = depth < 8 ? 255 / ((1 << depth) - 1) : 1
  return sample => sample * step
}

function onWhite(value: number, opacity: number): number {
  return opacity === 255 ? value : Math.floor((value * opacity + 255 * (255 - opacity) + 127) / 255)
}
