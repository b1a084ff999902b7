import { formatAmount, type Micro } from '@hydraai/core'
import { LedgerError } from '../errors.ts'
import type { Origin } from '../state/origin.ts'
import type { Account, LedgerState, Unbonding } from '../state/types.ts'

export interface Supply {
  readonly minted: Micro
  readonly burnt: Micro
  /** What there is: minted less burnt. */
  readonly total: Micro
}

export function supplyOf(state: LedgerState): Supply {
  return { minted: state.minted, burnt: state.burnt, total: state.minted - state.burnt }
}

/** States whose money was found to add up. */
const sound = new WeakSet<LedgerState>()

/** `sealed` holds the same money as `state`. */
export function shareSupply(state: LedgerState, sealed: LedgerState): void {
  if (sound.has(state)) sound.add(sealed)
}

/**
 * What the accounts hold, bound or not, must be what the rules minted less what they burnt. Everything is added up once
 * for the first state of a line; of those that come from it, what was written. @throws LedgerError SUPPLY_BROKEN
 */
export function assertSupply(state: LedgerState, origin: Origin): void {
  const { parent } = origin
  const { total } = supplyOf(state)
  const held = sound.has(parent) ? supplyOf(parent).total + changeOf(origin) : heldIn(state)
  if (held !== total) {
    throw new LedgerError(
      'SUPPLY_BROKEN',
      `after block ${state.height} the accounts hold ${formatAmount(held)} HYDRA, but the rules made ${formatAmount(total)}`,
    )
  }
  sound.add(state)
}

function heldIn({ accounts, unbondings }: LedgerState): Micro {
  let held = 0n
  for (const account of accounts.values()) held += ownOf(account)
  for (const unbonding of unbondings.values()) held += unbonding.amount
  return held
}

function changeOf({ parent, accounts, unbondings }: Origin): Micro {
  let change = 0n
  for (const [address, account] of accounts) change += ownOf(account) - ownOf(parent.accounts.get(address))
  for (const [key, unbonding] of unbondings) change += boundIn(unbonding) - boundIn(parent.unbondings.get(key))
  return change
}

function ownOf(account: Account | undefined): Micro {
  return account === undefined ? 0n : account.balance + account.stake
}

function boundIn(unbonding: Unbonding | undefined): Micro {
  return unbonding === undefined ? 0n : unbonding.amount
}
