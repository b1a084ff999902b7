import type { Micro } from '@hydraai/core'
import { smaller } from '../economics/money.ts'
import type { ChainParameters } from '../genesis/parameters.ts'
import type { Account } from '../state/types.ts'

/** An account's weight in a quorum: its stake up to the cap, or nothing below the minimum or once slashed. */
export function weightOf(account: Account, parameters: ChainParameters): Micro {
  if (account.slashed || account.stake < parameters.minimumStake) return 0n
  return smaller(account.stake, parameters.verifierStakeCap)
}
