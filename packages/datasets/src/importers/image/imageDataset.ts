import { encodeDataset, IMAGE_FORMAT, type ImageDataset } from '@hydraai/training'
import { checkClasses, lonelyClassWarnings } from '../classes.ts'
import type { DataFormat, Imported } from '../importer.ts'
import type { Split } from '../split.ts'

/** Images in the order in which they were found. */
export interface LabelledImages {
  /** [channels, height, width] */
  readonly shape: readonly number[]
  /** The product of `shape`. */
  readonly size: number
  readonly inputs: Uint8Array
  readonly labels: ArrayLike<number>
  readonly classNames: readonly string[]
}

/** The dataset and its report. @throws HydraError DATA_INVALID for classes that are too small */
export function imageImport(source: {
  where: string
  format: DataFormat
  images: LabelledImages
  split: Split
  warnings: readonly string[]
}): Imported {
  const { where, format, images, split, warnings } = source
  const { shape, size, inputs, labels, classNames } = images
  const classes = checkClasses(where, classNames, labels)
  const order = [...split.train, ...split.heldOut]
  const sorted = new Uint8Array(inputs.length)
  order.forEach((from, to) => {
    sorted.set(inputs.subarray(from * size, (from + 1) * size), to * size)
  })
  const dataset: ImageDataset = {
    format: IMAGE_FORMAT,
    shape,
    classes: classNames.length,
    classNames,
    trainCount: split.train.length,
    testCount: split.heldOut.length,
    inputs: sorted,
    labels: Uint8Array.from(order, index => labels[index]!),
  }
  const encoded = encodeDataset(dataset)
  return {
    dataset,
    encoded,
    tokenizer: null,
    report: {
      kind: 'images',
      format,
      samples: order.length,
      trainCount: split.train.length,
      heldOut: split.heldOut.length,
      bytes: encoded.length,
      classes,
      warnings: [...warnings, ...lonelyClassWarnings(classNames, labels, split)],
    },
  }
}
