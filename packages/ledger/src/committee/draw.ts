import type { Validator } from '@hydraai/consensus'
import { CounterRandom, fromHex, type Hash, taggedHash } from '@hydraai/core'
import type { Draft } from '../state/draft.ts'
import { compareKeys } from '../state/sortedTable.ts'
import { WeightedPool } from '../weightedPool.ts'
import { endsEpoch, epochOf } from './epochs.ts'
import { powerOf } from './power.ts'

/** A staker who may be in the next committee. */
export interface CommitteeCandidate extends Validator {
  /** Missed a turn of late: only for seats that others leave over. */
  readonly rests: boolean
}

/** At the end of an epoch's last block: the next epoch's committee. If nobody may be in it, the one there is stays. */
export function drawCommittee(draft: Draft): void {
  const { parameters, height, beacon } = draft.block
  if (!endsEpoch(parameters, height)) return
  const candidates = committeeCandidates(draft)
  if (candidates.length > 0) draft.committee = chooseMembers(candidates, parameters.committeeSize, beacon)
  const epoch = epochOf(parameters, height + 1)
  const members = draft.committee.length
  draft.events.push({ type: 'epoch', epoch, members, candidates: candidates.length })
}

/** Everyone who may be in the next epoch's committee, in order of address. */
function committeeCandidates(draft: Draft): CommitteeCandidate[] {
  const { parameters, height } = draft.block
  const next = epochOf(parameters, height + 1)
  const candidates: CommitteeCandidate[] = []
  for (const [address, account] of draft.accounts.entries()) {
    const power = powerOf(account, parameters)
    if (power === 0 || account.lastActive + parameters.dormantBlocks < height) continue
    candidates.push({ address, publicKey: account.publicKey!, power, rests: account.restsUntil >= next })
  }
  return candidates
}

/**
 * At most `size` of the candidates, in order of address: all if they are no more, otherwise drawn by the beacon without
 * replacement, each draw with the chance of its power, those who rest only once all others have a seat.
 */
export function chooseMembers(candidates: readonly CommitteeCandidate[], size: number, beacon: Hash): Validator[] {
  const random = new CounterRandom(taggedHash('hydra/committee-draw/1', fromHex(beacon)))
  const awake = candidates.filter(candidate => !candidate.rests)
  const chosen = drawSome(awake, size, random)
  if (chosen.length < size) {
    const resting = candidates.filter(candidate => candidate.rests)
    chosen.push(...drawSome(resting, size - chosen.length, random))
  }
  return chosen
    .map(({ address, publicKey, power }) => ({ address, publicKey, power }))
    .sort((a, b) => compareKeys(a.address, b.address))
}

function drawSome(
  candidates: readonly CommitteeCandidate[],
  seats: number,
  random: CounterRandom,
): CommitteeCandidate[] {
  if (candidates.length <= seats) return [...candidates]
  const pool = new WeightedPool(candidates.map(({ power }) => BigInt(power)))
  return Array.from({ length: seats }, () => candidates[pool.take(random)]!)
}
