import type { Validator } from '@hydraai/consensus'
import { CounterRandom, fromHex, type Hash, taggedHash } from '@hydraai/core'
import type { Draft } from '../state/draft.ts'
import { compareKeys } from '../state/sortedTable.ts'
import type { Account } from '../state/types.ts'
import { WeightedPool } from '../weightedPool.ts'
import { endsEpoch, epochOf } from './epochs.ts'
import { powerOf } from './power.ts'

/** A staker in the draw of a committee. */
export interface CommitteeCandidate extends Validator {
  /** Power that it would vote with; 0 when it has lost the right since its chance was fixed. */
  readonly power: number
  /** Power when the epoch began; 0 for who has come since. */
  readonly chance: number
  /** Missed a turn of late: only for seats that others leave over. */
  readonly rests: boolean
}

/**
 * At the end of an epoch's last block: draws the next epoch's committee, and fixes the chances for the draw after that.
 * If nobody may be in the committee, the one there is stays.
 */
export function drawCommittee(draft: Draft): void {
  const { parameters, height, beacon } = draft.block
  if (!endsEpoch(parameters, height)) return
  const epoch = epochOf(parameters, height + 1)
  const candidates: CommitteeCandidate[] = []
  const changed: [CommitteeCandidate['address'], number][] = []
  let total = 0n
  for (const [address, account] of draft.accounts.entries()) {
    const { publicKey, drawPower: chance, restsUntil } = account
    const power = currentPower(draft, account)
    if (publicKey !== null && (power > 0 || chance > 0))
      candidates.push({ address, publicKey, power, chance, rests: restsUntil >= epoch })
    total += BigInt(power)
    if (power !== chance) changed.push([address, power])
  }
  const members = chooseMembers(candidates, parameters.committeeSize, beacon)
  if (members.length > 0) draft.committee = members
  for (const [address, drawPower] of changed) draft.updateAccount(address, { drawPower })
  draft.totalDrawPower = total
  const able = candidates.filter(candidate => candidate.power > 0).length
  draft.events.push({ type: 'epoch', epoch, members: draft.committee.length, candidates: able })
}

/** Power of who has shown a sign of life of late. */
function currentPower(draft: Draft, account: Account): number {
  const { parameters, height } = draft.block
  return account.lastActive + parameters.dormantBlocks < height ? 0 : powerOf(account, parameters)
}

/**
 * At most `size` of the candidates, in order of address: all if they are no more. Otherwise the beacon puts them into an
 * order, each next one with the chance of its share, and seats go down that order to who may have one: so nothing that a
 * block can still change moves anybody but itself. Then come those without a chance yet, then those who rest.
 */
export function chooseMembers(candidates: readonly CommitteeCandidate[], size: number, beacon: Hash): Validator[] {
  const able = candidates.filter(candidate => candidate.power > 0)
  const chosen = able.length <= size ? able : drawMembers(candidates, able, size, beacon)
  return chosen
    .map(({ address, publicKey, power }) => ({ address, publicKey, power }))
    .sort((a, b) => compareKeys(a.address, b.address))
}

function drawMembers(
  candidates: readonly CommitteeCandidate[],
  able: readonly CommitteeCandidate[],
  size: number,
  beacon: Hash,
): CommitteeCandidate[] {
  const awake: CommitteeCandidate[] = []
  const resting: CommitteeCandidate[] = []
  const pool = new WeightedPool(candidates.map(({ chance }) => chance))
  for (const index of pool.draw(new CounterRandom(taggedHash('hydra/committee-draw/1', fromHex(beacon))))) {
    const candidate = candidates[index]!
    if (candidate.power > 0) (candidate.rests ? resting : awake).push(candidate)
    if (awake.length === size) break
  }
  const fresh = able.filter(({ chance }) => chance === 0)
  const waiting = [...fresh.filter(({ rests }) => !rests), ...resting, ...fresh.filter(({ rests }) => rests)]
  return [...awake, ...waiting].slice(0, size)
}
