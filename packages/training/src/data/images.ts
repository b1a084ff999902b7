/** Labelled images: bytes 0..255, one class a sample. */
import { bytes, type Infer, list, literal, struct, text, uintRange } from '@hydraai/core'
import { checkClassNames, DATASET_LIMITS, invalidDataset, unknownSample } from './limits.ts'

export const IMAGE_FORMAT = 'hydra-data/1'

/** `inputs` is `[trainCount + testCount, ...shape]` bytes in row-major order, train first; `labels` one byte a sample. */
export interface ImageDataset {
  readonly format: typeof IMAGE_FORMAT
  /** Usually [channels, height, width]. */
  readonly shape: readonly number[]
  readonly classes: number
  /** What class 0, 1 and so on are called. */
  readonly classNames: readonly string[]
  readonly trainCount: number
  readonly testCount: number
  readonly inputs: Uint8Array
  readonly labels: Uint8Array
}

export const imageWire = struct({
  format: literal(IMAGE_FORMAT),
  shape: list(uintRange(1, 65_536), { max: DATASET_LIMITS.dimensions }),
  classes: uintRange(2, DATASET_LIMITS.classes),
  classNames: list(text({ maxBytes: DATASET_LIMITS.nameBytes }), { max: DATASET_LIMITS.classes }),
  trainCount: uintRange(1, DATASET_LIMITS.samples),
  testCount: uintRange(1, DATASET_LIMITS.samples),
  inputs: bytes({ max: DATASET_LIMITS.bytes }),
  labels: bytes({ max: DATASET_LIMITS.samples }),
})
export type ImageWire = Infer<typeof imageWire>

export function imagesToWire(dataset: ImageDataset): ImageWire {
  return { ...dataset, shape: [...dataset.shape], classNames: [...dataset.classNames] }
}

/** Throws DATASET_INVALID unless shape, counts, names, inputs and labels agree. */
export function checkImages(dataset: ImageDataset): void {
  const { shape, classes, classNames, trainCount, testCount, inputs, labels } = dataset
  if (shape.length === 0) throw invalidDataset('its shape is empty')
  const count = trainCount + testCount
  const size = imageSizeOf(dataset)
  if (inputs.length !== count * size) {
    throw invalidDataset(`${count} samples of shape ${shape.join('×')} need ${count * size} input bytes`)
  }
  if (labels.length !== count) throw invalidDataset(`${count} samples have ${labels.length} labels`)
  if (labels.some(label => label >= classes)) throw invalidDataset(`a label is not below ${classes}`)
  checkClassNames(classNames, classes)
}

/** Numbers in one image: the product of its shape. */
export function imageSizeOf({ shape }: Pick<ImageDataset, 'shape'>): number {
  return shape.reduce((size, length) => size * length, 1)
}

// A byte becomes the float32 nearest to v/255; a table, because a step asks for tens of thousands of them.
const UNIT_OF_BYTE = Float32Array.from({ length: 256 }, (_, value) => value / 255)

/** `x` is `[count, ...shape]` with values v/255 in 0..1, `y` is `[count]` classes. Throws SAMPLE_UNKNOWN. */
export function imageSamples(dataset: ImageDataset, indices: Int32Array): { x: Float32Array; y: Int32Array } {
  const { inputs, labels } = dataset
  const size = imageSizeOf(dataset)
  const x = new Float32Array(indices.length * size)
  const y = new Int32Array(indices.length)
  for (let row = 0; row < indices.length; row++) {
    const index = indices[row]!
    const label = labels[index]
    if (label === undefined) throw unknownSample(index, labels.length)
    y[row] = label
    for (let i = 0; i < size; i++) x[row * size + i] = UNIT_OF_BYTE[inputs[index * size + i]!]!
  }
  return { x, y }
}
