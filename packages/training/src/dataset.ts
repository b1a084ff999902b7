/**
 * Labelled images as a value and as bytes. A dataset is addressed by the content id of its encoding, so whoever holds
 * those bytes holds the same data.
 */
import { bytes, decode, encode, HydraError, list, literal, struct, uintRange } from '@hydraai/core'

export const DATASET_FORMAT = 'hydra-data/1'

/** Bounds that hold for every dataset, so that a hostile one cannot exhaust a node. */
export const DATASET_LIMITS = { bytes: 256 * 1024 * 1024, samples: 1_000_000, classes: 256, dimensions: 4 } as const

/** `inputs` is `[trainCount + testCount, ...shape]` bytes in row-major order, train first; `labels` one byte a sample. */
export interface Dataset {
  readonly format: typeof DATASET_FORMAT
  readonly shape: readonly number[]
  readonly classes: number
  readonly trainCount: number
  readonly testCount: number
  readonly inputs: Uint8Array
  readonly labels: Uint8Array
}

const datasetCodec = struct({
  format: literal(DATASET_FORMAT),
  shape: list(uintRange(1, 65_536), { max: DATASET_LIMITS.dimensions }),
  classes: uintRange(2, DATASET_LIMITS.classes),
  trainCount: uintRange(1, DATASET_LIMITS.samples),
  testCount: uintRange(1, DATASET_LIMITS.samples),
  inputs: bytes({ max: DATASET_LIMITS.bytes }),
  labels: bytes({ max: 2 * DATASET_LIMITS.samples }),
})

/** Canonical bytes of a dataset. Throws DATASET_INVALID when its parts do not fit, CODEC_INVALID beyond the limits. */
export function encodeDataset(dataset: Dataset): Uint8Array {
  checkDataset(dataset)
  return encode(datasetCodec, { ...dataset, shape: [...dataset.shape] })
}

/** The dataset in `encoded`. Throws CODEC_INVALID for other bytes and DATASET_INVALID when its parts do not fit. */
export function decodeDataset(encoded: Uint8Array): Dataset {
  const dataset = decode(datasetCodec, encoded, { maxBytes: DATASET_LIMITS.bytes })
  checkDataset(dataset)
  return dataset
}

/** Numbers in one input: the product of its shape. */
export function inputSizeOf(dataset: Dataset): number {
  return dataset.shape.reduce((size, length) => size * length, 1)
}

/** Throws DATASET_INVALID unless shape, counts, inputs and labels agree. */
function checkDataset(dataset: Dataset): void {
  const { shape, classes, trainCount, testCount, inputs, labels } = dataset
  if (shape.length === 0) throw invalid('its shape is empty')
  const count = trainCount + testCount
  if (inputs.length !== count * inputSizeOf(dataset)) {
    throw invalid(`${count} samples of shape ${shape.join('×')} need ${count * inputSizeOf(dataset)} input bytes`)
  }
  if (labels.length !== count) throw invalid(`${count} samples have ${labels.length} labels`)
  if (labels.some(label => label >= classes)) throw invalid(`a label is not below ${classes}`)
}

function invalid(what: string): HydraError {
  return new HydraError('DATASET_INVALID', `The dataset is not usable: ${what}.`, {
    advice: 'Fetch it again from another peer.',
  })
}
