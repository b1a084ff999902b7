import { HydraError } from '@hydraai/core'
import { type Dataset, inputSizeOf } from './dataset.ts'

/** `x` is `[count, ...shape]` with values v/255 in 0..1, `y` is `[count]` class numbers. */
export interface Samples {
  readonly x: Float32Array
  readonly y: Int32Array
}

// A byte becomes the float32 nearest to v/255; a table, because a step asks for tens of thousands of them.
const UNIT_OF_BYTE = Float32Array.from({ length: 256 }, (_, value) => value / 255)

/** The samples at `indices` of the whole dataset (train first, then held-out). Throws SAMPLE_UNKNOWN. */
export function samplesOf(dataset: Dataset, indices: Int32Array): Samples {
  const size = inputSizeOf(dataset)
  const x = new Float32Array(indices.length * size)
  const y = new Int32Array(indices.length)
  for (let row = 0; row < indices.length; row++) {
    const index = indices[row]!
    const label = dataset.labels[index]
    if (label === undefined) {
      throw new HydraError('SAMPLE_UNKNOWN', `The dataset has ${dataset.labels.length} samples and no number ${index}.`)
    }
    y[row] = label
    for (let i = 0; i < size; i++) x[row * size + i] = UNIT_OF_BYTE[dataset.inputs[index * size + i]!]!
  }
  return { x, y }
}
