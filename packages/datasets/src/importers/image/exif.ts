/**
 * How a camera was held: tag 0x0112 of the EXIF part of a JPEG (CIPA DC-008, 4.6.4 A). Phones store pictures as the sensor
 * lies and leave it to the reader to turn them.
 */
import type { Raster } from './raster.ts'

const ORIENTATION = 0x0112
const UNTURNED = 1

/** 1 to 8; 1, as it is, for anything that does not say. `bytes`: the file. */
export function orientationOf(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff; at += 2 + view.getUint16(at + 2)) {
    const marker = bytes[at + 1]!
    if (marker === 0xda) return UNTURNED
    // "Exif", two zero bytes, and a TIFF file.
    if (marker === 0xe1 && at + 10 <= bytes.length && view.getUint32(at + 4) === 0x45786966) {
      const end = Math.min(bytes.length, at + 2 + view.getUint16(at + 2))
      return orientationIn(bytes.subarray(Math.min(at + 10, end), end))
    }
  }
  return UNTURNED
}

function orientationIn(tiff: Uint8Array): number {
  if (tiff.length < 8) return UNTURNED
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength)
  const little = view.getUint16(0) === 0x4949
  const directory = view.getUint32(4, little)
  if (directory + 2 > tiff.length) return UNTURNED
  const entries = view.getUint16(directory, little)
  for (let entry = directory + 2, i = 0; i < entries && entry + 12 <= tiff.length; i++, entry += 12) {
    if (view.getUint16(entry, little) !== ORIENTATION) continue
    const value = view.getUint16(entry + 8, little)
    return value >= 1 && value <= 8 ? value : UNTURNED
  }
  return UNTURNED
}

/** The picture as it was seen. */
export function turned(raster: Raster, orientation: number): Raster {
  if (orientation === UNTURNED) return raster
  const { width, height } = raster
  // From 5 on rows and columns have changed places.
  const [newWidth, newHeight] = orientation >= 5 ? [height, width] : [width, height]
  const pixels = new Uint8Array(raster.pixels.length)
  let to = 0
  for (let y = 0; y < newHeight; y++) {
    for (let x = 0; x < newWidth; x++) {
      const [column, row] = sourceOf(orientation, x, y, width - 1, height - 1)
      const from = (row * width + column) * 3
      pixels[to++] = raster.pixels[from]!
      pixels[to++] = raster.pixels[from + 1]!
      pixels[to++] = raster.pixels[from + 2]!
    }
  }
  return { width: newWidth, height: newHeight, pixels }
}

/** Where the pixel at (x, y) of the turned picture stands in the stored one, whose last column and row are given. */
function sourceOf(orientation: number, x: number, y: number, right: number, bottom: number): [number, number] {
  switch (orientation) {
    case 2:
      return [right - x, y]
    case 3:
      return [right - x, bottom - y]
    case 4:
      return [x, bottom - y]
    case 5:
      return [y, x]
    case 6:
      return [y, bottom - x]
    case 7:
      return [right - y, bottom - x]
    case 8:
      return [right - y, x]
    default:
      return [x, y]
  }
}
