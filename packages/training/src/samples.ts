import type { Samples as ModelInputs, Targets } from '@hydraai/engine'
import { type ImageDataset, imageSamples } from './data/images.ts'
import { TABLE_FORMAT, type TableDataset, tableSamples } from './data/table.ts'
import { TEXT_FORMAT, type TextDataset, textSamples } from './data/text.ts'
import type { Dataset } from './dataset.ts'

/** What `Model.trainStep` and `Model.evaluate` take: shapes and types are those of the dataset's kind. */
export interface Samples {
  readonly x: ModelInputs
  readonly y: Targets
}

/** The samples at `indices` of the whole dataset (train first, then held-out), repeats included. Throws SAMPLE_UNKNOWN. */
export function samplesOf(dataset: ImageDataset, indices: Int32Array): { x: Float32Array; y: Int32Array }
export function samplesOf(dataset: TableDataset, indices: Int32Array): { x: Float32Array; y: Int32Array | Float32Array }
export function samplesOf(dataset: TextDataset, indices: Int32Array): { x: Int32Array; y: Int32Array }
export function samplesOf(dataset: Dataset, indices: Int32Array): Samples
export function samplesOf(dataset: Dataset, indices: Int32Array): Samples {
  if (dataset.format === TEXT_FORMAT) return textSamples(dataset, indices)
  return dataset.format === TABLE_FORMAT ? tableSamples(dataset, indices) : imageSamples(dataset, indices)
}
