/** Which numbers a model is given for the cells of a row. */
import { HydraError } from '@hydraai/core'
import { DATASET_LIMITS } from '@hydraai/training'
import { dataError } from '../importer.ts'
import { type ColumnScan, MAX_VALUES, sortedValues } from './columns.ts'

/** A text column of more values is left out: names and identifiers teach nothing. */
const MAX_ONE_HOT = 32
/** A whole-numbered target of more values is a quantity. */
const MAX_INTEGER_CLASSES = 20

export type Feature =
  /** Column `column`, normalised. */
  | { readonly kind: 'number'; readonly column: number }
  /** 1 where column `column` is `value`, else 0. */
  | { readonly kind: 'is'; readonly column: number; readonly value: string }

export type Target =
  | { readonly kind: 'classes'; readonly column: number; readonly names: readonly string[] }
  | { readonly kind: 'number'; readonly column: number }

export interface TablePlan {
  readonly features: readonly Feature[]
  readonly target: Target
  readonly warnings: readonly string[]
}

/** @throws HydraError OPTION_INVALID, DATA_INVALID */
export function planTable(
  path: string,
  scans: readonly ColumnScan[],
  options: { target?: string | undefined; fill?: 'mean' | undefined },
): TablePlan {
  const column = targetColumnOf(scans, options.target)
  for (const [i, { name, emptyLine }] of scans.entries()) {
    if (emptyLine === null || (options.fill === 'mean' && i !== column)) continue
    throw dataError(
      `${path}:${emptyLine}`,
      `the cell of column "${name}" is empty`,
      i === column ? 'Leave out the rows whose target is not known.' : 'Fill it, or give --fill mean.',
    )
  }
  const warnings: string[] = []
  const features = scans.flatMap((scan, i) => (i === column ? [] : featuresOf(scan, i, warnings)))
  if (features.length === 0)
    throw dataError(path, 'no column is left to learn from', 'Give columns of numbers or texts.')
  return { features, target: targetOf(path, scans[column]!, column), warnings }
}

function featuresOf(scan: ColumnScan, column: number, warnings: string[]): Feature[] {
  const { name, numeric, values } = scan
  if (values.size < 2) {
    warnings.push(`Column "${name}" is the same in every row and was left out.`)
    return []
  }
  if (numeric) return [{ kind: 'number', column }]
  if (values.size > MAX_ONE_HOT) {
    warnings.push(`Column "${name}" is text with more than ${MAX_ONE_HOT} values and was left out.`)
    return []
  }
  return sortedValues(scan).map(value => ({ kind: 'is', column, value }))
}

function targetOf(path: string, scan: ColumnScan, column: number): Target {
  const { name, numeric, integer, values } = scan
  const few = values.size <= MAX_INTEGER_CLASSES && [...values.values()].every(count => count >= 2)
  if (numeric && !(integer && few)) {
    if (values.size < 2)
      throw dataError(path, `the target "${name}" is the same in every row`, 'Give another --target.')
    return { kind: 'number', column }
  }
  if (values.size >= MAX_VALUES) {
    throw dataError(
      path,
      `the target "${name}" is text with more than ${DATASET_LIMITS.classes} values`,
      'Give a target with fewer classes, or one that is a number.',
    )
  }
  const names = sortedValues(scan)
  const long = names.find(value => Buffer.byteLength(value) > DATASET_LIMITS.nameBytes)
  if (long !== undefined) {
    throw dataError(path, `a class of "${name}" has a name of more than 256 bytes`, 'Give a target of short texts.')
  }
  return { kind: 'classes', column, names }
}

function targetColumnOf(scans: readonly ColumnScan[], target: string | undefined): number {
  const names = scans.map(({ name }) => name)
  const known = `The columns are ${names.slice(0, 20).join(', ')}${names.length > 20 ? ', …' : ''}.`
  if (target === undefined) {
    throw new HydraError('OPTION_INVALID', 'A table needs --target: the column to be predicted.', { advice: known })
  }
  const column = names.indexOf(target)
  if (column < 0) throw new HydraError('OPTION_INVALID', `There is no column "${target}".`, { advice: known })
  return column
}
