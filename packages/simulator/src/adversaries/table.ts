import { formatAmount } from '@hydraai/core'
import type { Row } from './suite.ts'

const COLUMNS = [
  { title: 'attack', width: 29, of: ({ attack }: Row) => attack },
  { title: 'runs', width: 5, of: ({ runs }: Row) => String(runs) },
  { title: 'caught', width: 8, of: ({ caught }: Row) => (caught === null ? '-' : `${(100 * caught).toFixed(0)} %`) },
  { title: 'after', width: 7, of: ({ unitsToCatch }: Row) => unitsToCatch?.toFixed(1) ?? '-' },
  { title: 'gain, HYDRA', width: 14, of: ({ gainMicro }: Row) => signed(gainMicro) },
  { title: 'accuracy', width: 10, of: ({ accuracyDelta }: Row) => `${(100 * accuracyDelta).toFixed(1)} %` },
]

export function headerLine(): string {
  return COLUMNS.map(({ title, width }, i) => aligned(title, width, i)).join('')
}

export function lineOf(row: Row): string {
  return COLUMNS.map(({ width, of }, i) => aligned(of(row), width, i)).join('')
}

/** For docs: a line an attack, what came of it in the stance of the new and then in that of the trusted. */
export function markdownOf(rows: readonly Row[]): string[] {
  const titles = ['caught', 'after', 'gain', 'accuracy']
  const lineOf = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const names = [...new Set(rows.map(({ attack }) => attack.split('@')[0]!))]
  const cellsOf = (row: Row | undefined) => {
    if (!row) return titles.map(() => '')
    const { caught, unitsToCatch, gainMicro, accuracyDelta } = row
    const share = caught === null ? '-' : `${Math.round(100 * caught)} %`
    return [
      share,
      unitsToCatch?.toFixed(1) ?? '-',
      (Number(gainMicro) / 1e6).toFixed(1),
      (100 * accuracyDelta).toFixed(1),
    ]
  }
  const lines = names.map(name =>
    lineOf([name, ...[name, `${name}@trusted`].flatMap(one => cellsOf(rows.find(({ attack }) => attack === one)))]),
  )
  return [lineOf(['attack', ...titles, ...titles]), lineOf(Array(9).fill('---')), ...lines]
}

/** One line of JSON; an amount is an integer of any size. */
export function jsonOf({ attack, runs, caught, unitsToCatch, gainMicro, accuracyDelta }: Row): string {
  const [before, after] = [{ attack, runs, caught, unitsToCatch }, { accuracyDelta }].map(part => JSON.stringify(part))
  return `${before!.slice(0, -1)},"gainMicro":${gainMicro},${after!.slice(1)}`
}

function aligned(text: string, width: number, column: number): string {
  return column === 0 ? text.padEnd(width) : text.padStart(width)
}

function signed(amount: bigint): string {
  return amount < 0n ? `-${formatAmount(-amount)}` : formatAmount(amount)
}
