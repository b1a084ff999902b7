/** A folder with one subfolder a class, each with PNG or JPEG images, as an image dataset. */
import { join } from 'node:path'
import { DATASET_LIMITS } from '@hydraai/training'
import { isFolder, namesIn, readHead } from '../files.ts'
import { dataError, type Imported, type ImportOptions, tooLarge } from '../importer.ts'
import { splitByHash, splitKeyOf } from '../split.ts'
import { imageImport, type LabelledImages } from './imageDataset.ts'
import { isGrey, type Size } from './raster.ts'
import { isImage, sizeOfImage } from './readImage.ts'
import { readImages } from './readImages.ts'
import { chooseSize } from './size.ts'

const PATH_ADVICE = 'Give a folder with one subfolder for each class, and PNG or JPEG images in each.'

interface ImageFile {
  readonly path: string
  readonly label: number
}

/** @throws HydraError DATA_INVALID, DATA_TOO_LARGE, DATA_TOO_FEW */
export async function importImageFolder(path: string, options: ImportOptions): Promise<Imported> {
  const { classNames, files, skipped } = await filesOf(path)
  const sizes: Size[] = []
  for (const file of files) {
    sizes.push(await sizeOfImage(file.path))
    options.onProgress?.({ what: 'measuring images', done: sizes.length, total: files.length })
  }
  const { size, warning } = chooseSize(sizes, options.size)
  // Three values a pixel until it is known that all are grey.
  const bytesEach = size.width * size.height * 3
  if (files.length * bytesEach > DATASET_LIMITS.bytes) {
    throw tooLarge(
      path,
      `${files.length} images of ${size.width}×${size.height} are more than 256 MiB`,
      'Give a smaller --size.',
    )
  }
  const pixels = new Uint8Array(files.length * bytesEach)
  let grey = true
  let done = 0
  const paths = files.map(({ path }) => path)
  const stored = sizes.reduce((sum, { width, height }) => sum + width * height, 0)
  await readImages(paths, { size, pixels: stored }, (index, scaled) => {
    grey &&= isGrey(scaled)
    pixels.set(scaled, index * bytesEach)
    options.onProgress?.({ what: 'reading images', done: ++done, total: files.length })
  })
  const images = planesOf({ pixels, size, grey, files, classNames })
  const warnings = [
    ...(warning === null ? [] : [warning]),
    ...(skipped.length === 0
      ? []
      : [`${skipped.length} files are neither PNG nor JPEG and were left out, for instance ${skipped[0]}.`]),
  ]
  const keys = files.map((_, i) => splitKeyOf(images.inputs.subarray(i * images.size, (i + 1) * images.size)))
  return imageImport({ where: path, format: 'image-folder', images, split: splitByHash(keys), warnings })
}

async function filesOf(path: string): Promise<{ classNames: string[]; files: ImageFile[]; skipped: string[] }> {
  const classNames: string[] = []
  const files: ImageFile[] = []
  const skipped: string[] = []
  for (const name of await namesIn(path)) {
    const folder = join(path, name)
    if (!(await isFolder(folder))) {
      skipped.push(folder)
      continue
    }
    const label = classNames.push(name) - 1
    if (classNames.length > DATASET_LIMITS.classes) {
      throw tooLarge(path, `it has more than ${DATASET_LIMITS.classes} subfolders`, 'Give at most 256 classes.')
    }
    for (const file of await namesIn(folder)) {
      const image = join(folder, file)
      if (await isFolder(image)) throw dataError(image, 'a folder stands in the folder of a class', PATH_ADVICE)
      if (isImage(await readHead(image, 8))) files.push({ path: image, label })
      else skipped.push(image)
      if (files.length > DATASET_LIMITS.samples) throw tooLarge(path, 'it has more than a million images', PATH_ADVICE)
    }
  }
  if (files.length === 0) throw dataError(path, 'there are no images in its subfolders', PATH_ADVICE)
  return { classNames, files, skipped }
}

/** Pixel after pixel becomes plane after plane, one plane where all images are grey. */
function planesOf({
  pixels,
  size,
  grey,
  files,
  classNames,
}: {
  pixels: Uint8Array
  size: Size
  grey: boolean
  files: readonly ImageFile[]
  classNames: readonly string[]
}): LabelledImages {
  const area = size.width * size.height
  const channels = grey ? 1 : 3
  const inputs = new Uint8Array(files.length * channels * area)
  for (let image = 0; image < files.length; image++) {
    for (let channel = 0; channel < channels; channel++) {
      const to = (image * channels + channel) * area
      const from = image * area * 3 + channel
      for (let i = 0; i < area; i++) inputs[to + i] = pixels[from + 3 * i]!
    }
  }
  return {
    shape: [channels, size.height, size.width],
    size: channels * area,
    inputs,
    labels: files.map(({ label }) => label),
    classNames,
  }
}
