/** A CSV file with a header as a table dataset. The file is read twice, so that it never stands in memory as text. */
import { DATASET_LIMITS, encodeDataset, TABLE_FORMAT, type TableDataset } from '@hydraai/training'
import { checkClasses, lonelyClassWarnings } from '../classes.ts'
import { dataError, type Imported, type ImportOptions, tooLarge } from '../importer.ts'
import { type Split, splitByHash, splitKeyOf } from '../split.ts'
import { type ColumnScan, newScan, scanCell } from './columns.ts'
import { type CsvFile, openCsv, rowsOf } from './csvRows.ts'
import { type Feature, planTable, type TablePlan } from './features.ts'
import { type Norm, normOf } from './norm.ts'

/** @throws HydraError DATA_INVALID, DATA_TOO_LARGE, DATA_TOO_FEW, OPTION_INVALID */
export async function importCsv(path: string, options: ImportOptions): Promise<Imported> {
  const file = await openCsv(path)
  const progress = (what: string) => (done: number) => options.onProgress?.({ what, done, total: file.bytes })
  const { scans, keys } = await scanFile(file, progress('looking at the table'))
  const plan = planTable(path, scans, options)
  if (4 * keys.length * plan.features.length > DATASET_LIMITS.bytes) {
    throw tooLarge(
      path,
      `${keys.length} rows of ${plan.features.length} features are more than 256 MiB`,
      'Give fewer rows or columns.',
    )
  }
  const split = splitByHash(keys)
  const { inputs, labels } = await readCells(file, plan, keys.length, progress('reading the table'))
  return tableImport({ path, header: file.header, plan, split, inputs, labels })
}

async function scanFile(
  file: CsvFile,
  onProgress: (bytes: number) => void,
): Promise<{ scans: ColumnScan[]; keys: number[] }> {
  const scans = file.header.map(newScan)
  const keys: number[] = []
  for await (const { cells, line } of rowsOf(file, onProgress)) {
    scans.forEach((scan, i) => {
      scanCell(scan, cells[i]!, line)
    })
    keys.push(splitKeyOf(JSON.stringify(cells)))
    if (keys.length > DATASET_LIMITS.samples)
      throw tooLarge(file.path, 'it has more than a million rows', 'Give a part.')
  }
  if (keys.length === 0) throw dataError(file.path, 'it has a header and no rows', 'Give rows as well.')
  return { scans, keys }
}

/** `inputs` is `[rows, features]`, as they stand in the file; NaN where a number is missing. `labels`: classes or numbers. */
async function readCells(
  file: CsvFile,
  { features, target }: TablePlan,
  rows: number,
  onProgress: (bytes: number) => void,
): Promise<{ inputs: Float64Array; labels: Float64Array }> {
  const inputs = new Float64Array(rows * features.length)
  const labels = new Float64Array(rows)
  let row = 0
  for await (const { cells } of rowsOf(file, onProgress)) {
    if (row === rows) break
    features.forEach((feature, i) => {
      inputs[row * features.length + i] = featureOf(feature, cells[feature.column]!)
    })
    const cell = cells[target.column]!
    labels[row] = target.kind === 'classes' ? target.names.indexOf(cell) : Number(cell)
    row++
  }
  if (row !== rows || labels.some(label => !(label >= 0) && target.kind === 'classes')) {
    throw dataError(file.path, 'it changed while it was read', 'Wait until it is written and try again.')
  }
  return { inputs, labels }
}

function featureOf(feature: Feature, cell: string): number {
  if (feature.kind === 'is') return cell === feature.value ? 1 : 0
  return cell === '' ? Number.NaN : Number(cell)
}

function tableImport(source: {
  path: string
  header: readonly string[]
  plan: TablePlan
  split: Split
  inputs: Float64Array
  labels: Float64Array
}): Imported {
  const { path, header, plan, split, inputs, labels } = source
  const { features, target } = plan
  const classNames = target.kind === 'classes' ? target.names : []
  const classes = target.kind === 'classes' ? checkClasses(path, classNames, labels) : []
  const order = [...split.train, ...split.heldOut]
  const norms = features.map((feature, i) =>
    feature.kind === 'is' ? null : normOf(split.train, row => inputs[row * features.length + i]!),
  )
  const values = new Float32Array(inputs.length)
  order.forEach((row, to) => {
    norms.forEach((norm, i) => {
      const value = inputs[row * features.length + i]!
      values[to * features.length + i] = norm === null ? value : norm.apply(value)
    })
  })
  const targetNorm = target.kind === 'number' ? normOf(split.train, row => labels[row]!) : null
  const targetName = header[target.column]!
  const dataset: TableDataset = {
    format: TABLE_FORMAT,
    columns: features.map((feature, i) => featureName(feature, header[feature.column]!, norms[i]!)),
    features: features.length,
    classes: classNames.length,
    classNames,
    target: targetNorm === null ? targetName : targetNorm.describe(targetName),
    trainCount: split.train.length,
    testCount: split.heldOut.length,
    inputs: values,
    labels:
      targetNorm === null
        ? Uint8Array.from(order, row => labels[row]!)
        : Float32Array.from(order, row => targetNorm.apply(labels[row]!)),
  }
  const encoded = encodeDataset(dataset)
  const lonely = target.kind === 'classes' ? lonelyClassWarnings(classNames, labels, split) : []
  const predicted =
    targetNorm === null ? [] : [`A number is predicted: ${dataset.target}, in standard deviations from its mean.`]
  return {
    dataset,
    encoded,
    tokenizer: null,
    report: {
      kind: 'table',
      format: 'csv',
      samples: order.length,
      trainCount: split.train.length,
      heldOut: split.heldOut.length,
      bytes: encoded.length,
      classes,
      warnings: [...plan.warnings, ...predicted, ...lonely],
    },
  }
}

/** A feature says itself how it is made, so that whoever has the model can make it for a new row. */
function featureName(feature: Feature, column: string, norm: Norm | null): string {
  if (feature.kind === 'number') return norm!.describe(column)
  const name = `${column} = ${feature.value}`
  return Buffer.byteLength(name) <= DATASET_LIMITS.nameBytes ? name : `${column} = value ${feature.value.slice(0, 8)}…`
}
