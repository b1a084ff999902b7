import { smaller } from '../economics/money.ts'
import { type ChainParameters, STAKE_PER_POWER } from '../genesis/parameters.ts'
import type { Account } from '../state/types.ts'

/** Added to every reputation, so that one who has none yet is not without a voice. */
export const BASE_REPUTATION = 10
const FULL_REPUTATION = BigInt(BASE_REPUTATION + 100)

/**
 * An account's voting power, which is also its chance in the draw: its stake up to the cap × (10 + reputation) / 110, in
 * thousandths of a HYDRA and at least 1; 0 for who has less than the minimum at stake, was slashed, or has no known key.
 */
export function powerOf(account: Account, parameters: ChainParameters): number {
  if (account.slashed || account.publicKey === null || account.stake < parameters.minimumStake) return 0
  const stake = smaller(account.stake, parameters.verifierStakeCap)
  const power = (stake * BigInt(BASE_REPUTATION + account.reputation)) / (FULL_REPUTATION * STAKE_PER_POWER)
  return Math.max(1, Number(power))
}
