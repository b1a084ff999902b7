/**
 * PNG files (W3C PNG, third edition) from strangers. What is no pixel, texts and colour profiles, is never unpacked, and the
 * pixels are unpacked into memory whose size is known beforehand.
 */
import { crc32, inflateSync } from 'node:zlib'
import { dataError, tooLarge } from '../importer.ts'
import { type Layout, pixelsOf, unpackedBytesOf } from './pngPixels.ts'
import { MAX_PIXELS, type Raster, type Size } from './raster.ts'

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)
const REPAIR = 'Save the image again, or take it out of the folder.'
/** Bit depths that each colour type may have: table 11.1. */
const DEPTHS: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
}
/** Bytes from the beginning that {@link pngSizeOf} needs. */
export const PNG_HEAD_BYTES = 24

export function isPng(head: Uint8Array): boolean {
  return SIGNATURE.every((byte, i) => head[i] === byte)
}

/** Width and height from the first bytes. @throws HydraError DATA_INVALID, DATA_TOO_LARGE */
export function pngSizeOf(head: Uint8Array, path: string): Size {
  if (head.length < PNG_HEAD_BYTES) throw dataError(path, 'the PNG is cut off', REPAIR)
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
  const [width, height] = [view.getUint32(16), view.getUint32(20)]
  if (width === 0 || height === 0) throw dataError(path, `the PNG says it is ${width}×${height}`, REPAIR)
  if (width * height > MAX_PIXELS) {
    throw tooLarge(path, `the PNG says it is ${width}×${height}`, `Scale it down to ${MAX_PIXELS / 1e6} megapixels.`)
  }
  return { width, height }
}

/** The pixels of a PNG; what is transparent is laid on white. @throws HydraError DATA_INVALID, DATA_TOO_LARGE */
export function decodePng(bytes: Uint8Array, path: string): Raster {
  const size = pngSizeOf(bytes, path)
  const parts = partsOf(bytes, path)
  const layout = { ...size, ...kindOf(parts.header, path) }
  const { palette, opacities } = parts
  if (layout.colour === 3 && palette === null) throw dataError(path, 'the PNG has no palette', REPAIR)
  const pixels = pixelsOf(layout, { palette, opacities }, unpacked(parts.data, unpackedBytesOf(layout), path))
  if (pixels === null) throw dataError(path, 'the image data of the PNG is damaged', REPAIR)
  return { ...size, pixels }
}

interface Parts {
  readonly header: Uint8Array
  readonly palette: Uint8Array | null
  /** Of the palette's colours: the chunk tRNS. */
  readonly opacities: Uint8Array | null
  readonly data: Uint8Array
}

/** The chunks that make the pixels. Every checksum is checked. */
function partsOf(bytes: Uint8Array, path: string): Parts {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const data: Uint8Array[] = []
  let header: Uint8Array | null = null
  let palette: Uint8Array | null = null
  let opacities: Uint8Array | null = null
  for (let at = SIGNATURE.length; ; ) {
    const length = at + 12 <= bytes.length ? view.getUint32(at) : bytes.length
    const end = at + 12 + length
    if (end > bytes.length) throw dataError(path, 'the PNG is cut off', REPAIR)
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8))
    const body = bytes.subarray(at + 8, end - 4)
    if ((header === null) !== (type === 'IHDR') || (type === 'IHDR' && length !== 13)) {
      throw dataError(path, 'the PNG does not begin with its one header', REPAIR)
    }
    if (crc32(bytes.subarray(at + 4, end - 4)) !== view.getUint32(end - 4)) {
      throw dataError(path, `the checksum of the PNG's part ${JSON.stringify(type)} is wrong`, REPAIR)
    }
    if (type === 'IHDR') header = body
    if (type === 'PLTE') palette = body
    if (type === 'tRNS') opacities = body
    if (type === 'IDAT') data.push(body)
    if (type === 'IEND') return { header: header!, palette, opacities, data: Buffer.concat(data) }
    at = end
  }
}

function kindOf(header: Uint8Array, path: string): Pick<Layout, 'depth' | 'colour' | 'interlaced'> {
  const [depth, colour, compression, filter, interlace] = header.subarray(8)
  if (DEPTHS[colour!]?.includes(depth!) !== true || compression !== 0 || filter !== 0 || interlace! > 1) {
    throw dataError(path, 'the PNG is of a kind that the standard does not have', REPAIR)
  }
  return { depth: depth!, colour: colour!, interlaced: interlace === 1 }
}

/** Exactly `length` bytes, so that a bomb stops here and nothing is missing. */
function unpacked(data: Uint8Array, length: number, path: string): Uint8Array {
  try {
    const bytes = inflateSync(data, { maxOutputLength: length })
    if (bytes.length === length) return bytes
  } catch (cause) {
    if ((cause as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE') {
      throw tooLarge(path, 'the PNG unpacks to more than its size says', REPAIR)
    }
    throw dataError(path, 'the image data of the PNG is damaged', REPAIR, cause)
  }
  throw dataError(path, 'the PNG has fewer pixels than it says', REPAIR)
}
