import type { Address, Micro } from '@hydraai/core'
import type { LedgerState } from '@hydraai/ledger'
import type { HydraNode } from '../../node.ts'

export interface ShownUnbonding {
  readonly amount: Micro
  /** Block at whose start it is free. */
  readonly releaseAt: number
  /** When that is at the usual pace, ms since the epoch. */
  readonly releaseTime: number
}

/** What an account has taken back from its stake and cannot spend yet, the soonest first. */
export function unbondingOf(node: HydraNode, state: LedgerState, address: Address): ShownUnbonding[] {
  const found: ShownUnbonding[] = []
  for (const { account, amount, releaseAt } of state.unbondings.values())
    if (account === address) found.push({ amount, releaseAt, releaseTime: timeOfBlock(node, releaseAt) })
  return found
}

/** When a block that is still to come will be there, at the pace that the chain has set itself. */
export function timeOfBlock(node: HydraNode, height: number): number {
  const { tip, genesis } = node.chain
  return tip.time + Math.max(0, height - tip.height) * genesis.parameters.blockIntervalMs
}
