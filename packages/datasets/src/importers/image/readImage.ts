import { readBounded, readHead } from '../files.ts'
import { decodeJpeg, isJpeg, jpegSizeOf } from './jpeg.ts'
import { decodePng, isPng, PNG_HEAD_BYTES, pngSizeOf } from './png.ts'
import { type Raster, type Size, scaleTo } from './raster.ts'

const MAX_FILE_BYTES = 64 * 1024 * 1024

/** Whether the first bytes are those of a PNG or a JPEG. */
export function isImage(head: Uint8Array): boolean {
  return isPng(head) || isJpeg(head)
}

/** The size that an image says it has. @throws HydraError DATA_INVALID, DATA_TOO_LARGE */
export async function sizeOfImage(path: string): Promise<Size> {
  const head = await readHead(path, PNG_HEAD_BYTES)
  return isPng(head) ? pngSizeOf(head, path) : jpegSizeOf(await readBounded(path, MAX_FILE_BYTES), path)
}

/** The image, scaled. @throws HydraError DATA_INVALID, DATA_TOO_LARGE */
export async function readImage(path: string, size: Size): Promise<Raster> {
  const bytes = await readBounded(path, MAX_FILE_BYTES)
  return scaleTo(isPng(bytes) ? decodePng(bytes, path) : decodeJpeg(bytes, path), size)
}
