/** Rows of numbers with a class, or with a number to be predicted. */
import { bytes, type Infer, list, literal, struct, text, uintMax, uintRange } from '@hydraai/core'
import { checkClassNames, DATASET_LIMITS, invalidDataset, unknownSample } from './limits.ts'
import { checkFinite, float32OfBytes, float32ToBytes } from './littleEndian.ts'

export const TABLE_FORMAT = 'hydra-table/1'

/**
 * `inputs` is `[trainCount + testCount, features]`, already normalised, train first. On the wire numbers are float32,
 * little-endian.
 */
export interface TableDataset {
  readonly format: typeof TABLE_FORMAT
  /** The columns that the features were made of, in their order; a column may have become several features. */
  readonly columns: readonly string[]
  readonly features: number
  /** 0 where `target` is a number: regression. */
  readonly classes: number
  /** What class 0, 1 and so on are called; empty for regression. */
  readonly classNames: readonly string[]
  /** The column that is predicted. */
  readonly target: string
  readonly trainCount: number
  readonly testCount: number
  readonly inputs: Float32Array
  /** One a sample: classes, or numbers (normalised as well) for regression. */
  readonly labels: Uint8Array | Float32Array
}

const name = text({ maxBytes: DATASET_LIMITS.nameBytes })

export const tableWire = struct({
  format: literal(TABLE_FORMAT),
  columns: list(name, { max: DATASET_LIMITS.features }),
  features: uintRange(1, DATASET_LIMITS.features),
  classes: uintMax(DATASET_LIMITS.classes),
  classNames: list(name, { max: DATASET_LIMITS.classes }),
  target: name,
  trainCount: uintRange(1, DATASET_LIMITS.samples),
  testCount: uintRange(1, DATASET_LIMITS.samples),
  inputs: bytes({ max: DATASET_LIMITS.bytes }),
  labels: bytes({ max: 4 * DATASET_LIMITS.samples }),
})
export type TableWire = Infer<typeof tableWire>

export function tableToWire(dataset: TableDataset): TableWire {
  const { columns, classNames, inputs, labels } = dataset
  return {
    ...dataset,
    columns: [...columns],
    classNames: [...classNames],
    inputs: float32ToBytes(inputs),
    labels: labels instanceof Float32Array ? float32ToBytes(labels) : labels,
  }
}

export function tableOfWire(wire: TableWire): TableDataset {
  const labels = wire.classes === 0 ? float32OfBytes(wire.labels, 'labels') : wire.labels
  return { ...wire, inputs: float32OfBytes(wire.inputs, 'inputs'), labels }
}

/** Throws DATASET_INVALID unless columns, counts, names, inputs and labels agree. */
export function checkTable(dataset: TableDataset): void {
  const { columns, features, classes, classNames, target, trainCount, testCount, inputs, labels } = dataset
  const count = trainCount + testCount
  if (columns.length < 1 || columns.length > features) {
    throw invalidDataset(`${features} features come from ${columns.length} columns`)
  }
  if (columns.includes(target)) throw invalidDataset(`the target "${target}" is also an input`)
  if (classes === 1) throw invalidDataset('one class alone teaches nothing')
  checkClassNames(classNames, classes)
  if (inputs.length !== count * features) {
    throw invalidDataset(`${count} samples of ${features} features have ${inputs.length} inputs`)
  }
  checkFinite(inputs, 'inputs')
  if (labels.length !== count) throw invalidDataset(`${count} samples have ${labels.length} labels`)
  if (labels instanceof Float32Array !== (classes === 0)) throw invalidDataset('its labels are of the other kind')
  if (labels instanceof Float32Array) checkFinite(labels, 'labels')
  else if (labels.some(label => label >= classes)) throw invalidDataset(`a label is not below ${classes}`)
}

/** `x` is `[count, features]`; `y` is `[count]` classes, or `[count, 1]` numbers for regression. Throws SAMPLE_UNKNOWN. */
export function tableSamples(
  dataset: TableDataset,
  indices: Int32Array,
): { x: Float32Array; y: Int32Array | Float32Array } {
  const { features, inputs, labels } = dataset
  const x = new Float32Array(indices.length * features)
  const y = labels instanceof Float32Array ? new Float32Array(indices.length) : new Int32Array(indices.length)
  for (let row = 0; row < indices.length; row++) {
    const index = indices[row]!
    const label = labels[index]
    if (label === undefined) throw unknownSample(index, labels.length)
    y[row] = label
    const from = index * features
    for (let i = 0; i < features; i++) x[row * features + i] = inputs[from + i]!
  }
  return { x, y }
}
