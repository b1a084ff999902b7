import type { Account } from '../api/shapes.ts'
import { type Micro, microOf } from './amounts.ts'

type Totals = NonNullable<Account['totals']>

const rows: readonly { readonly field: keyof Totals; readonly name: string; readonly sign: 1n | -1n }[] = [
  { field: 'opening', name: 'Owned before', sign: 1n },
  { field: 'genesisStake', name: 'Stake given at the beginning', sign: 1n },
  { field: 'units', name: 'Training units', sign: 1n },
  { field: 'verdicts', name: 'Checks of others’ units', sign: 1n },
  { field: 'replays', name: 'Units of others run again', sign: 1n },
  { field: 'bounties', name: 'Bounties for finding out cheats', sign: 1n },
  { field: 'blocks', name: 'Blocks proposed', sign: 1n },
  { field: 'precommits', name: 'Votes on blocks', sign: 1n },
  { field: 'tips', name: 'Tips for taking in transactions', sign: 1n },
  { field: 'received', name: 'Received', sign: 1n },
  { field: 'sent', name: 'Sent', sign: -1n },
  { field: 'fees', name: 'Fees, burnt', sign: -1n },
  { field: 'slashed', name: 'Stake lost', sign: -1n },
]

/** The sums of an account by kind, signed as they count: together they are its balance, its stake and what is unbonding. */
export function sumRows(totals: Totals): { readonly name: string; readonly micro: Micro }[] {
  return rows.map(({ field, name, sign }) => ({ name, micro: sign * (microOf(totals[field]) ?? 0n) }))
}

/** Newest entries before older ones that were fetched earlier. Blocks are whole in each list, so heights decide. */
export function joinEntries(newest: Account['entries'], older: Account['entries']): Account['entries'] {
  const top = older[0]?.height ?? Number.NEGATIVE_INFINITY
  return [...newest.filter(({ height }) => height > top), ...older]
}
