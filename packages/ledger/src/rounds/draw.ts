import {
  type Address,
  address,
  CounterRandom,
  encode,
  type Hash,
  hash,
  type Micro,
  struct,
  taggedHash,
  uint,
} from '@hydraai/core'
import { modelIdField } from '../genesis/modelId.ts'
import type { Draft } from '../state/draft.ts'
import type { DrawnVerifier, UpdateRef } from '../state/types.ts'
import { WeightedPool } from '../weightedPool.ts'
import { weightOf } from './weight.ts'

export const VERIFIERS_PER_UPDATE = 4
/** One more where the trainer has no weight of its own, or little at stake for the unit. */
export const VERIFIERS_OF_RISK = 5

/** A staker in the draws of verifiers. */
interface Candidate {
  readonly address: Address
  /** In the quorum; 0 when it may not verify now. */
  readonly weight: Micro
  /** Power when the epoch began; 0 for who has come since. */
  readonly chance: number
}

/** Everyone who can be drawn in a block, with whom all of its draws are made. */
export interface VerifierPool {
  /** In order of address. */
  readonly candidates: readonly Candidate[]
  readonly chances: WeightedPool
}

export function verifierPool(draft: Draft): VerifierPool {
  const { parameters, height } = draft.block
  const candidates: Candidate[] = []
  for (const [address, account] of draft.accounts.entries()) {
    const isActive = account.lastActive + parameters.activityWindow >= height
    const weight = isActive ? weightOf(account, parameters) : 0n
    if (weight > 0n || account.drawPower > 0) candidates.push({ address, weight, chance: account.drawPower })
  }
  return { candidates, chances: new WeightedPool(candidates.map(({ chance }) => chance)) }
}

const seedCodec = struct({ beacon: hash, model: modelIdField, round: uint, trainer: address, unit: uint })

/** Chance about one update, from a beacon, for one purpose. */
export function randomFor(purpose: 'draw' | 'audit', beacon: Hash, update: UpdateRef): CounterRandom {
  return new CounterRandom(taggedHash(`hydra/${purpose}/1`, encode(seedCodec, { beacon, ...update })))
}

/**
 * At most `count` verifiers of one update, in the order of the draw: the beacon puts all but the trainer into an order,
 * each next one with the chance of its share, and the first of it who may verify do; then come those who have no chance
 * yet, in order of address.
 */
export function drawVerifiers(
  { candidates, chances }: VerifierPool,
  beacon: Hash,
  update: UpdateRef,
  count: number,
): Omit<DrawnVerifier, 'segments'>[] {
  const isAble = ({ weight, address }: Candidate) => weight > 0n && address !== update.trainer
  const able = candidates.filter(isAble).length
  const fresh = candidates.filter(candidate => candidate.chance === 0 && isAble(candidate))
  const drawn: Candidate[] = []
  const wanted = Math.min(count, able - fresh.length)
  if (wanted > 0) {
    for (const index of chances.draw(randomFor('draw', beacon, update))) {
      const candidate = candidates[index]!
      if (isAble(candidate)) drawn.push(candidate)
      if (drawn.length === wanted) break
    }
  }
  return [...drawn, ...fresh].slice(0, count).map(({ address, weight }) => ({ address, weight }))
}
