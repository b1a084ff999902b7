/** What is found in a column by going through it once. */
import { byCodeUnits } from '../files.ts'

/** Different texts of a column that are remembered. */
export const MAX_VALUES = 257
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/

/** What one column holds. It grows by {@link scanCell}. */
export interface ColumnScan {
  readonly name: string
  /** Every cell that is not empty is a finite number. */
  numeric: boolean
  /** Every cell that is not empty is an integer. */
  integer: boolean
  /** How often each text stands there; not complete once it has {@link MAX_VALUES}. */
  readonly values: Map<string, number>
  /** The line of the first empty cell. */
  emptyLine: number | null
}

export function newScan(name: string): ColumnScan {
  return { name, numeric: true, integer: true, values: new Map(), emptyLine: null }
}

export function scanCell(scan: ColumnScan, cell: string, line: number): void {
  if (cell === '') {
    scan.emptyLine ??= line
    return
  }
  if (scan.numeric && !isNumber(cell)) scan.numeric = false
  if (scan.integer && !(scan.numeric && Number.isSafeInteger(Number(cell)))) scan.integer = false
  const count = scan.values.get(cell)
  if (count !== undefined) scan.values.set(cell, count + 1)
  else if (scan.values.size < MAX_VALUES) scan.values.set(cell, 1)
}

export function isNumber(cell: string): boolean {
  return NUMBER.test(cell) && Number.isFinite(Number(cell))
}

/** The different values in an order that does not depend on the file's: numbers by size, texts by code units. */
export function sortedValues({ values, numeric }: ColumnScan): string[] {
  return [...values.keys()].sort((a, b) => (numeric ? Number(a) - Number(b) : 0) || byCodeUnits(a, b))
}
