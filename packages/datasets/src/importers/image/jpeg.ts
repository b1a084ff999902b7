/** JPEG files (ITU-T T.81) from strangers: measured before a library sees them. */
import { decode } from 'jpeg-js'
import { dataError, tooLarge } from '../importer.ts'
import { orientationOf, turned } from './exif.ts'
import { MAX_PIXELS, type Raster, type Size } from './raster.ts'

const REPAIR = 'Save the image again, or take it out of the folder.'
const MAX_DECODER_MIB = 1024
/**
 * A block of 8×8 pixels takes a bit at least (T.81 F.1.2), so a byte holds 512 pixels; four times that, for components may
 * share the sampling. Who claims more in a small file wants the decoder to work for nothing.
 */
const MAX_PIXELS_A_BYTE = 2_048

export function isJpeg(head: Uint8Array): boolean {
  return head[0] === 0xff && head[1] === 0xd8 && head[2] === 0xff
}

/** Width and height as stored, from the first frame header (T.81 B.2.2). @throws HydraError DATA_INVALID, DATA_TOO_LARGE */
export function jpegSizeOf(bytes: Uint8Array, path: string): Size {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 2; at + 9 < bytes.length; ) {
    if (bytes[at] !== 0xff) break
    const marker = bytes[at + 1]!
    if (marker === 0xff) {
      at++
      continue
    }
    if (isFrameHeader(marker)) return checkSize(view.getUint16(at + 7), view.getUint16(at + 5), path)
    at += 2 + view.getUint16(at + 2)
  }
  throw dataError(path, 'the JPEG has no frame, or is cut off', REPAIR)
}

/** The pixels of a JPEG, turned as it was seen. @throws HydraError DATA_INVALID, DATA_TOO_LARGE */
export function decodeJpeg(bytes: Uint8Array, path: string): Raster {
  const size = jpegSizeOf(bytes, path)
  if (size.width * size.height > bytes.length * MAX_PIXELS_A_BYTE)
    throw dataError(path, `the JPEG says it is ${size.width}×${size.height}, which its bytes do not hold`, REPAIR)
  try {
    const { width, height, data } = decode(bytes, {
      useTArray: true,
      formatAsRGBA: false,
      tolerantDecoding: false,
      maxResolutionInMP: MAX_PIXELS / 1e6,
      maxMemoryUsageInMB: MAX_DECODER_MIB,
    })
    // A later header could say something else than the one that was measured.
    if (width !== size.width || height !== size.height) throw new Error('two sizes')
    return turned({ width, height, pixels: data }, orientationOf(bytes))
  } catch (cause) {
    throw dataError(path, 'the JPEG is damaged, or of a kind that is not read', REPAIR, cause)
  }
}

/** SOF0 to SOF15, without the tables DHT (C4), JPG (C8) and DAC (CC) that stand among them. */
function isFrameHeader(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
}

function checkSize(width: number, height: number, path: string): Size {
  if (width === 0 || height === 0) throw dataError(path, `the JPEG says it is ${width}×${height}`, REPAIR)
  if (width * height > MAX_PIXELS) {
    throw tooLarge(path, `the JPEG says it is ${width}×${height}`, `Scale it down to ${MAX_PIXELS / 1e6} megapixels.`)
  }
  return { width, height }
}
