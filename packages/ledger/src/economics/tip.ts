import type { Address, Hash, Micro } from '@hydraai/core'
import type { Draft } from '../state/draft.ts'
import { credit, debit } from './money.ts'

/** Pays a transaction's tip to the block's proposer. Fee credit pays none. @throws LedgerError BALANCE_TOO_LOW */
export function payTip(draft: Draft, from: Address, amount: Micro, transaction: Hash): void {
  if (amount === 0n) return
  debit(draft, from, amount)
  const { proposer } = draft.block
  if (proposer === null) return
  credit(draft, proposer, amount)
  draft.events.push({ type: 'tip', transaction, account: proposer, from, amount })
}
