import type { Address, Micro } from '@hydraai/core'
import type { Draft } from '../state/draft.ts'
import { smaller } from './money.ts'
import { unbondingsOf } from './unbonding.ts'

/**
 * Takes up to `amount` of what an account has bound: its stake first, then what is unbonding, the latest to be released first.
 * Returns what was taken, which the caller has to pay out or burn: it belongs to nobody now.
 */
export function seize(draft: Draft, account: Address, amount: Micro): Micro {
  const { stake } = draft.account(account)
  const fromStake = smaller(stake, amount)
  if (fromStake > 0n) draft.updateAccount(account, { stake: stake - fromStake })
  let left = amount - fromStake
  if (left > 0n) {
    for (const key of unbondingsOf(draft, account).keys.toReversed()) {
      const unbonding = draft.unbondings.get(key)!
      const taken = smaller(unbonding.amount, left)
      left -= taken
      if (taken === unbonding.amount) draft.unbondings.delete(key)
      else draft.unbondings.set(key, { ...unbonding, amount: unbonding.amount - taken })
      if (left === 0n) break
    }
  }
  return amount - left
}

/** All that an account has bound: its stake and what is unbonding. */
export function boundOf(draft: Draft, account: Address): Micro {
  return draft.account(account).stake + unbondingsOf(draft, account).amount
}
