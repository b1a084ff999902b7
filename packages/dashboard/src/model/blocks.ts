import type { BlockRow, LedgerEvent } from '../api/shapes.ts'

/** What a reader looks for first; a line of a kind that is not named here stands between the two. */
const TELLING = new Set([
  ...['unit-reward', 'transfer', 'model', 'slash', 'stake', 'registration', 'genesis-stake'],
  ...['dispute', 'ruling', 'unit-slash', 'verdict-slash', 'bounty'],
])
const ROUTINE = new Set(['block-reward', 'commit', 'reveal', 'verdict', 'open', 'disclose', 'update', 'decay'])
/** Lines of every block; a row leaves them to the block's own view. */
const CONSTANT = new Set(['precommit-reward', 'fee', 'reputation'])

const rankOf = ({ type }: LedgerEvent): number =>
  TELLING.has(type) ? 0 : ROUTINE.has(type) ? 2 : CONSTANT.has(type) ? 3 : 1

export interface BlockLines {
  readonly lines: readonly LedgerEvent[]
  readonly hidden: number
  /** Models that this block brought to a new version. */
  readonly versions: readonly { readonly id: string; readonly version: number }[]
}

/**
 * The few lines of a block worth a row, in the ledger's order within each rank.
 *
 * @param before the block one lower, where it is known: without it no version can be called new
 */
export function eventLines(block: BlockRow, before: BlockRow | undefined, max: number): BlockLines {
  const ranked = block.events.toSorted((a, b) => rankOf(a) - rankOf(b))
  const lines = ranked.filter(event => rankOf(event) < 3).slice(0, max)
  const adjacent = before !== undefined && before.height === block.height - 1
  const saidAlready = block.events.some(({ type }) => type === 'model')
  const versions = adjacent && !saidAlready ? block.models.filter(model => isNew(model, before)) : []
  return { lines, hidden: ranked.length - lines.length, versions }
}

const isNew = (model: { id: string; version: number }, before: BlockRow) =>
  before.models.some(({ id, version }) => id === model.id && version < model.version)
