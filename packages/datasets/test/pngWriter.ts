/** Writes PNG files of every kind that the standard has, for tests: any depth, colour type, filter, and interlacing. */
import { crc32, deflateSync } from 'node:zlib'

export interface PngSource {
  readonly width: number
  readonly height: number
  readonly depth: number
  readonly colour: number
  readonly interlaced?: boolean
  readonly palette?: Uint8Array
  readonly opacities?: Uint8Array
  /** Sample number `index` of the image: row by row, pixel by pixel, channel by channel. */
  readonly sample: (index: number) => number
  /** The filter of each row. */
  readonly filter: (row: number) => number
}

export const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const

export function writePng(source: PngSource): Uint8Array {
  const { width, height, depth, colour } = source
  const header = new Uint8Array(13)
  new DataView(header.buffer).setUint32(0, width)
  new DataView(header.buffer).setUint32(4, height)
  header.set([depth, colour, 0, 0, source.interlaced ? 1 : 0], 8)
  return Buffer.concat([
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk('IHDR', header),
    ...(source.palette ? [chunk('PLTE', source.palette)] : []),
    ...(source.opacities ? [chunk('tRNS', source.opacities)] : []),
    chunk('tEXt', Buffer.from('Comment\0made by a test')),
    chunk('IDAT', deflateSync(rowsOf(source))),
    chunk('IEND', new Uint8Array(0)),
  ])
}

export function chunk(type: string, body: Uint8Array): Uint8Array {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), body])
  const framed = Buffer.alloc(named.length + 8)
  framed.writeUInt32BE(body.length, 0)
  framed.set(named, 4)
  framed.writeUInt32BE(crc32(named), named.length + 4)
  return framed
}

function rowsOf({ width, height, depth, colour, interlaced, sample, filter }: PngSource): Uint8Array {
  const channels = CHANNELS[colour]!
  const distance = Math.max(1, (channels * depth) >> 3)
  const rows: Uint8Array[] = []
  for (const [x, y, stepX, stepY] of interlaced ? ADAM7 : ([[0, 0, 1, 1]] as const)) {
    const columns = Math.ceil((width - x) / stepX)
    if (columns <= 0) continue
    let above = new Uint8Array(Math.ceil((columns * channels * depth) / 8))
    for (let row = y; row < height; row += stepY) {
      const line = new Uint8Array(above.length)
      for (let i = 0; i < columns * channels; i++) {
        const pixel = row * width + x + Math.floor(i / channels) * stepX
        put(line, i, depth, sample(pixel * channels + (i % channels)))
      }
      rows.push(filtered(filter(row), line, above, distance))
      above = line
    }
  }
  return Buffer.concat(rows)
}

function put(line: Uint8Array, index: number, depth: number, value: number): void {
  if (depth === 16) {
    line[2 * index] = value >> 8
    line[2 * index + 1] = value & 255
  } else if (depth === 8) line[index] = value
  else line[(index * depth) >> 3]! |= value << (8 - depth - ((index * depth) & 7))
}

function filtered(filter: number, line: Uint8Array, above: Uint8Array, distance: number): Uint8Array {
  const out = new Uint8Array(line.length + 1)
  out[0] = filter
  for (let i = 0; i < line.length; i++) {
    const a = line[i - distance] ?? 0
    const b = above[i]!
    const c = above[i - distance] ?? 0
    const p = a + b - c
    const [pa, pb, pc] = [Math.abs(p - a), Math.abs(p - b), Math.abs(p - c)]
    const paeth = pa <= pb && pa <= pc ? a : pb <= pc ? b : c
    out[i + 1] = line[i]! - [0, a, b, (a + b) >> 1, paeth][filter]!
  }
  return out
}
