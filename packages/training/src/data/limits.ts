import { HydraError } from '@hydraai/core'

/** Bounds that hold for every dataset, so that a hostile one cannot exhaust a node. */
export const DATASET_LIMITS = {
  /** Of the whole encoding. */
  bytes: 256 * 1024 * 1024,
  /** Both parts together. */
  samples: 1_000_000,
  classes: 256,
  /** Of an image's shape. */
  dimensions: 4,
  features: 65_536,
  /** UTF-8 bytes of the name of a class or a column. */
  nameBytes: 256,
  context: 16_384,
  strata: 64,
  /** Of one stratum; all together stay below 2^32. */
  weight: 1_000_000,
} as const

export function invalidDataset(what: string): HydraError {
  return new HydraError('DATASET_INVALID', `The dataset is not usable: ${what}.`, {
    advice: 'Fetch it again from another peer, or make it again from its source.',
  })
}

export function unknownSample(index: number, count: number): HydraError {
  return new HydraError('SAMPLE_UNKNOWN', `The dataset has ${count} samples and no number ${index}.`)
}

/** Throws DATASET_INVALID unless there is one name for each class and none twice. */
export function checkClassNames(classNames: readonly string[], classes: number): void {
  if (classNames.length !== classes) throw invalidDataset(`${classes} classes have ${classNames.length} names`)
  if (new Set(classNames).size !== classes) throw invalidDataset('two classes have one name')
}
