import { type Committee, makeCommittee } from '@hydraai/consensus'
import { STAKE_PER_POWER } from './genesis/parameters.ts'
import { weightOf } from './rounds/weight.ts'
import type { LedgerState } from './state/types.ts'

/**
 * Who decides the block after this state: the founding validators that are not slashed, with a power of one for each
 * thousandth of a HYDRA staked, up to the cap.
 */
export function committeeOf(state: LedgerState): Committee {
  const validators = state.founders.flatMap(address => {
    const account = state.accounts.get(address)!
    const power = Number(weightOf(account, state.parameters) / STAKE_PER_POWER)
    return power === 0 ? [] : [{ address, publicKey: account.publicKey!, power }]
  })
  return makeCommittee(validators)
}
