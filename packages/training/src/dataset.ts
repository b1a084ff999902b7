/**
 * What a model learns from, as a value and as bytes: images, a table or text, each with a part that is held out. A dataset
 * is addressed by the content id of its encoding, so whoever holds those bytes holds the same data.
 */
import { type Codec, codecError, decode, encode } from '@hydraai/core'
import { checkImages, IMAGE_FORMAT, type ImageDataset, type ImageWire, imagesToWire, imageWire } from './data/images.ts'
import { DATASET_LIMITS, invalidDataset } from './data/limits.ts'
import {
  checkTable,
  TABLE_FORMAT,
  type TableDataset,
  type TableWire,
  tableOfWire,
  tableToWire,
  tableWire,
} from './data/table.ts'
import {
  checkText,
  type Stratum,
  TEXT_FORMAT,
  type TextDataset,
  type TextWire,
  textOfWire,
  textToWire,
  textWire,
} from './data/text.ts'

/** Told apart by `format`. Samples are numbered from 0, the training part first. */
export type Dataset = ImageDataset | TableDataset | TextDataset

type Wire = ImageWire | TableWire | TextWire

const WIRES = new Map<unknown, Codec<unknown>>([
  [IMAGE_FORMAT, imageWire],
  [TABLE_FORMAT, tableWire],
  [TEXT_FORMAT, textWire],
])

const datasetWire: Codec<Wire> = {
  toWire: (value, path = '$') => wireOf(value, path).toWire(value, path),
  fromWire: (wire, path) => wireOf(wire, path).fromWire(wire, path) as Wire,
}

function wireOf(value: unknown, path: string): Codec<unknown> {
  const format = typeof value === 'object' && value !== null && 'format' in value ? value.format : undefined
  const codec = WIRES.get(format)
  if (codec === undefined) throw codecError(path, `a dataset's format is one of ${[...WIRES.keys()].join(', ')}`)
  return codec
}

/** Canonical bytes of a dataset. Throws DATASET_INVALID when its parts do not fit, CODEC_INVALID beyond the limits. */
export function encodeDataset(dataset: Dataset): Uint8Array {
  checkDataset(dataset)
  const encoded = encode(datasetWire, toWire(dataset))
  if (encoded.length > DATASET_LIMITS.bytes) {
    throw codecError('$', `${encoded.length} bytes are more than the ${DATASET_LIMITS.bytes} allowed`)
  }
  return encoded
}

/** The dataset in `encoded`. Throws CODEC_INVALID for other bytes and DATASET_INVALID when its parts do not fit. */
export function decodeDataset(encoded: Uint8Array): Dataset {
  const dataset = ofWire(decode(datasetWire, encoded, { maxBytes: DATASET_LIMITS.bytes }))
  checkDataset(dataset)
  return dataset
}

/** How the training part is drawn from: the strata of a text, all else in one. */
export function strataOf(dataset: Dataset): readonly Stratum[] {
  return dataset.format === TEXT_FORMAT ? dataset.strata : [{ count: dataset.trainCount, weight: 1 }]
}

function toWire(dataset: Dataset): Wire {
  if (dataset.format === TEXT_FORMAT) return textToWire(dataset)
  return dataset.format === TABLE_FORMAT ? tableToWire(dataset) : imagesToWire(dataset)
}

function ofWire(wire: Wire): Dataset {
  if (wire.format === TEXT_FORMAT) return textOfWire(wire)
  return wire.format === TABLE_FORMAT ? tableOfWire(wire) : wire
}

/** Throws DATASET_INVALID unless all parts agree. */
function checkDataset(dataset: Dataset): void {
  const count = dataset.trainCount + dataset.testCount
  if (count > DATASET_LIMITS.samples) throw invalidDataset(`${count} samples are more than ${DATASET_LIMITS.samples}`)
  if (dataset.format === TEXT_FORMAT) checkText(dataset)
  else if (dataset.format === TABLE_FORMAT) checkTable(dataset)
  else checkImages(dataset)
}
