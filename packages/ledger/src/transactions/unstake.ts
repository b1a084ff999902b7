import { formatAmount, type Micro, micro } from '@hydraai/core'
import { LedgerError } from '../errors.ts'
import { unbondingKey } from '../state/unbonding.ts'
import type { TransactionContext } from './context.ts'

/** Takes stake back. It no longer counts in draws from now on, and comes to the balance when evidence has expired. */
export interface Unstake {
  readonly type: 'unstake'
  readonly amount: Micro
}

export const unstakeFields = { amount: micro }

/** The least that is taken back at once, as a part of the least stake: what is unbonding fills the state for long. */
const PARTS = 100n

export function applyUnstake({ draft, sender, transaction }: TransactionContext, { amount }: Unstake): void {
  const { parameters, height } = draft.block
  const least = parameters.minimumStake / PARTS
  if (amount < least || amount === 0n) {
    throw new LedgerError('AMOUNT_INVALID', `at least ${formatAmount(least)} HYDRA must be taken back at once`)
  }
  const { stake } = draft.account(sender)
  if (amount > stake) {
    throw new LedgerError('STAKE_TOO_LOW', `${formatAmount(stake)} HYDRA are staked, less than ${formatAmount(amount)}`)
  }
  const total = stake - amount
  if (total > 0n && total < parameters.minimumStake) {
    throw new LedgerError(
      'STAKE_TOO_LOW',
      `what would stay, ${formatAmount(total)} HYDRA, is below the least stake, ${formatAmount(parameters.minimumStake)}`,
      { advice: 'Take all of it back, or leave the least stake.' },
    )
  }
  draft.updateAccount(sender, { stake: total })
  const unbonding = { account: sender, amount, releaseAt: height + parameters.unbondingBlocks }
  const key = unbondingKey(unbonding)
  const before = draft.unbondings.get(key)?.amount ?? 0n
  draft.unbondings.set(key, { ...unbonding, amount: before + amount })
  draft.events.push({ type: 'unstake', transaction, account: sender, amount, total, releaseAt: unbonding.releaseAt })
}
