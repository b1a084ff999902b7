import type { Address, Micro } from '@hydraai/core'
import type { Draft } from '../state/draft.ts'
import type { Unbonding } from '../state/types.ts'
import { credit } from './money.ts'

/** At the start of a block: what has been bound long enough comes back to its owners. */
export function releaseUnbondings(draft: Draft): void {
  const due: [string, Unbonding][] = []
  for (const entry of draft.unbondings.entries()) {
    if (entry[1].releaseAt > draft.block.height) break
    due.push(entry)
  }
  for (const [key, { account, amount }] of due) {
    draft.unbondings.delete(key)
    credit(draft, account, amount)
    draft.events.push({ type: 'unbond', account, amount })
  }
}

/** What an account has unbonding: the keys and their sum. */
export function unbondingsOf(draft: Draft, account: Address): { keys: string[]; amount: Micro } {
  const keys: string[] = []
  let amount = 0n
  for (const [key, unbonding] of draft.unbondings.entries()) {
    if (unbonding.account !== account) continue
    keys.push(key)
    amount += unbonding.amount
  }
  return { keys, amount }
}
