import { formatAmount, MAX_MICRO, type Micro, micro } from '@hydraai/core'
import { debit } from '../economics/money.ts'
import { LedgerError } from '../errors.ts'
import type { TransactionContext } from './context.ts'

/** Bonds part of the balance, which makes its owner a verifier. */
export interface Stake {
  readonly type: 'stake'
  readonly amount: Micro
}

export const stakeFields = { amount: micro }

export function applyStake({ draft, sender, transaction }: TransactionContext, { amount }: Stake): void {
  const { minimumStake } = draft.block.parameters
  if (amount <= 0n) throw new LedgerError('AMOUNT_INVALID', 'a stake must be of more than nothing')
  if (draft.account(sender).slashed) throw new LedgerError('SLASHED', `${sender} was slashed and cannot stake again`)
  debit(draft, sender, amount)
  const total = draft.account(sender).stake + amount
  if (total > MAX_MICRO) throw new LedgerError('AMOUNT_OVERFLOW', 'the stake would be more than an amount can hold')
  if (total < minimumStake) {
    throw new LedgerError(
      'STAKE_TOO_LOW',
      `a stake of ${formatAmount(total)} HYDRA is below the least, ${formatAmount(minimumStake)}`,
    )
  }
  draft.updateAccount(sender, { stake: total, lastActive: draft.block.height })
  draft.events.push({ type: 'stake', transaction, account: sender, amount, total })
}
