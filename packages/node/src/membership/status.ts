import { type Address, formatAmount, type Micro } from '@hydraai/core'
import { accountOf, epochOf, type LedgerState } from '@hydraai/ledger'

/** Where an account stands between its stake and a seat in the committee. */
export interface MembershipStatus {
  readonly stake: Micro
  /** What was taken back and is still bound, the soonest first; `releaseAt` is the block that frees it. */
  readonly unbonding: readonly { readonly amount: Micro; readonly releaseAt: number }[]
  /** Whether it votes on the next block. */
  readonly inCommittee: boolean
  /** Its voting power there; 0 when it does not vote. */
  readonly power: number
  /** The last epoch in which it is drawn only for seats that others leave over; null when it does not rest. */
  readonly restsUntil: number | null
  /** Too long without a sign of life to be drawn. */
  readonly dormant: boolean
  readonly slashed: boolean
  /** The epoch of the next block. */
  readonly epoch: number
  /** The first block of the epoch after it: the first that a newly drawn committee decides. */
  readonly nextEpochAt: number
}

export function membershipOf(state: LedgerState, address: Address): MembershipStatus {
  const { parameters, height, committee, unbondings } = state
  const { stake, slashed, restsUntil, lastActive } = accountOf(state, address)
  const epoch = epochOf(parameters, height + 1)
  const drawAt = epoch * parameters.epochBlocks
  const member = committee.find(validator => validator.address === address)
  return {
    stake,
    unbonding: [...unbondings.values()]
      .filter(({ account }) => account === address)
      .map(({ amount, releaseAt }) => ({ amount, releaseAt })),
    inCommittee: member !== undefined,
    power: member?.power ?? 0,
    restsUntil: restsUntil >= epoch ? restsUntil : null,
    dormant: stake > 0n && lastActive + parameters.dormantBlocks < drawAt,
    slashed,
    epoch,
    nextEpochAt: drawAt + 1,
  }
}

/** Why an account that votes no more does not. */
export function whyLeft(state: LedgerState, { slashed, stake, restsUntil }: MembershipStatus): string {
  const { minimumStake, dormantBlocks } = state.parameters
  if (slashed) return 'its stake was lost for breaking the rules of voting'
  if (stake < minimumStake) return `it has less than ${formatAmount(minimumStake)} HYDRA at stake`
  if (restsUntil !== null) return `it missed a turn to propose and may rest until epoch ${restsUntil}`
  return `others were drawn this time, or nothing was heard of it for ${dormantBlocks} blocks`
}
