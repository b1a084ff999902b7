import { formatAmount, type Micro } from '@hydraai/core'
import { LedgerError } from '../errors.ts'
import type { LedgerState } from '../state/types.ts'

export interface Supply {
  readonly minted: Micro
  readonly burnt: Micro
  /** What there is: minted less burnt. */
  readonly total: Micro
}

export function supplyOf(state: LedgerState): Supply {
  return { minted: state.minted, burnt: state.burnt, total: state.minted - state.burnt }
}

/** What the accounts hold, bound or not, must be what the rules minted less what they burnt. @throws LedgerError SUPPLY_BROKEN */
export function assertSupply(state: LedgerState): void {
  let held = 0n
  for (const account of state.accounts.values()) held += account.balance + account.stake
  for (const { amount } of state.unbondings.values()) held += amount
  const { total } = supplyOf(state)
  if (held !== total) {
    throw new LedgerError(
      'SUPPLY_BROKEN',
      `after block ${state.height} the accounts hold ${formatAmount(held)} HYDRA, but the rules made ${formatAmount(total)}`,
    )
  }
}
