/**
 * IDX files, in which MNIST, Fashion-MNIST and EMNIST come: two zero bytes, the type (8: bytes), the number of dimensions,
 * each dimension as 32 bits big-endian, then the values. Plain, or packed by gzip.
 */
import { basename, dirname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { DATASET_LIMITS } from '@hydraai/training'
import { isFolder, namesIn, readBounded, readHead } from '../files.ts'
import { dataError, type Imported, type ImportOptions, tooLarge } from '../importer.ts'
import { type Split, splitByHash, splitKeyOf } from '../split.ts'
import { imageImport } from './imageDataset.ts'

const ADVICE = 'Give the file of the images, or the folder in which it lies beside that of the labels.'
const MAX_BYTES = DATASET_LIMITS.bytes

interface Idx {
  readonly dimensions: readonly number[]
  readonly values: Uint8Array
}

/** Whether the first bytes are those of an IDX file of bytes. */
export function isIdx(head: Uint8Array): boolean {
  return head[0] === 0 && head[1] === 0 && head[2] === 8 && head[3]! >= 1 && head[3]! <= 4
}

export function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b
}

/** Whether a folder holds IDX files of images. */
export async function hasIdx(path: string): Promise<boolean> {
  return (await namesIn(path)).some(isImagesName)
}

/**
 * The images of a file, or of all in a folder. Where files named `t10k-…` or `test-…` lie beside others, they are held out:
 * the split under which such data is known. Otherwise the hash decides.
 * @throws HydraError DATA_INVALID, DATA_TOO_LARGE, DATA_TOO_FEW
 */
export async function importIdx(path: string, options: ImportOptions): Promise<Imported> {
  const files = (await isFolder(path)) ? await imageFilesIn(path) : [path]
  const parts: { images: Idx; labels: Idx; test: boolean }[] = []
  for (const [i, file] of files.entries()) {
    parts.push({ ...(await pairOf(file)), test: isTestName(basename(file)) })
    options.onProgress?.({ what: 'reading images', done: i + 1, total: files.length })
  }
  const shape = parts[0]!.images.dimensions.slice(1)
  if (parts.some(({ images }) => images.dimensions.slice(1).join() !== shape.join())) {
    throw dataError(path, 'its files have images of different sizes', 'Give one data set at a time.')
  }
  const size = shape.reduce((product, length) => product * length, 1)
  const inputs = concatenated(
    parts.map(({ images }) => images.values),
    path,
  )
  const raw = concatenated(
    parts.map(({ labels }) => labels.values),
    path,
  )
  const numbers = [...new Set(raw)].sort((a, b) => a - b)
  const given = new Set(parts.map(({ test }) => test)).size === 2
  const split = given ? splitAsGiven(parts) : splitByPixels(inputs, size)
  return imageImport({
    where: path,
    format: 'idx',
    images: {
      // Without channels there is one.
      shape: shape.length === 2 ? [1, ...shape] : shape,
      size,
      inputs,
      labels: raw.map(label => numbers.indexOf(label)),
      classNames: numbers.map(String),
    },
    split,
    warnings: given ? ['The files of the test set are held out, as they come.'] : [],
  })
}

async function imageFilesIn(path: string): Promise<string[]> {
  const names = (await namesIn(path)).filter(isImagesName)
  // Whoever unpacks a file may have kept the packed one beside it.
  return names
    .filter(name => !(name.endsWith('.gz') && names.includes(name.slice(0, -3))))
    .map(name => join(path, name))
}

function splitByPixels(inputs: Uint8Array, size: number): Split {
  const count = inputs.length / size
  return splitByHash(Array.from({ length: count }, (_, i) => splitKeyOf(inputs.subarray(i * size, (i + 1) * size))))
}

function splitAsGiven(parts: readonly { labels: Idx; test: boolean }[]): Split {
  const train: number[] = []
  const heldOut: number[] = []
  let at = 0
  for (const { labels, test } of parts) {
    for (let i = 0; i < labels.values.length; i++) (test ? heldOut : train).push(at++)
  }
  return { train, heldOut }
}

/** A file of images and the file of labels beside it. */
async function pairOf(path: string): Promise<{ images: Idx; labels: Idx }> {
  const labelsPath = join(dirname(path), labelsNameOf(basename(path), path))
  const images = await readIdx(path)
  const labels = await readIdx(labelsPath)
  if (images.dimensions.length < 3) throw dataError(path, 'it holds no images', ADVICE)
  if (labels.dimensions.length !== 1) throw dataError(labelsPath, 'it holds no labels', ADVICE)
  if (images.dimensions[0] !== labels.dimensions[0]) {
    throw dataError(
      path,
      `${images.dimensions[0]} images have ${labels.dimensions[0]} labels`,
      'Fetch both files again.',
    )
  }
  return { images, labels }
}

async function readIdx(path: string): Promise<Idx> {
  const packed = isGzip(await readHead(path, 2))
  const raw = await readBounded(path, MAX_BYTES)
  const bytes = packed ? unpack(raw, path) : raw
  if (!isIdx(bytes)) throw dataError(path, 'it is no IDX file of bytes', ADVICE)
  const count = bytes[3]!
  if (bytes.length < 4 + 4 * count) throw dataError(path, 'it is cut off', 'Fetch it again.')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const dimensions = Array.from({ length: count }, (_, i) => view.getUint32(4 + 4 * i))
  const size = dimensions.reduce((product, length) => product * length, 1)
  const values = bytes.subarray(4 + 4 * count)
  if (size !== values.length || size === 0) {
    throw dataError(path, `it says ${dimensions.join('×')} and has ${values.length} bytes`, 'Fetch it again.')
  }
  if (dimensions[0]! > DATASET_LIMITS.samples)
    throw tooLarge(path, 'it has more than a million samples', 'Give a part.')
  return { dimensions, values }
}

function unpack(bytes: Uint8Array, path: string): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_BYTES })
  } catch (cause) {
    if ((cause as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE') {
      throw tooLarge(path, 'it unpacks to more than 256 MiB', 'Give a part of it.')
    }
    throw dataError(path, 'it is damaged', 'Fetch it again.', cause)
  }
}

function concatenated(parts: readonly Uint8Array[], path: string): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  if (length > MAX_BYTES) throw tooLarge(path, 'its images are more than 256 MiB', 'Give a part of them.')
  const all = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

/** `train-images-idx3-ubyte`, `t10k-images.idx3-ubyte.gz`, `emnist-letters-train-images-idx3-ubyte`. */
function isImagesName(name: string): boolean {
  return /images[-.]idx[34](-ubyte)?(\.gz)?$/.test(name)
}

function isTestName(name: string): boolean {
  return /(^|[-_.])(t10k|test)[-_.]/.test(name)
}

function labelsNameOf(name: string, path: string): string {
  const labels = name.replace('images', 'labels').replace(/idx[34]/, 'idx1')
  if (labels === name) throw dataError(path, 'its name does not say where its labels are', ADVICE)
  return labels
}
