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
import { compareKeys } from '../state/sortedTable.ts'
import type { DrawnVerifier, Round, Update } from '../state/types.ts'
import { WeightedPool } from '../weightedPool.ts'
import { weightOf } from './weight.ts'

export const VERIFIERS_PER_UPDATE = 4

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

/**
 * The verifiers of one update, in order of address: all who may verify but the trainer if there are four or fewer. Otherwise
 * the beacon puts them into an order, each next one with the chance of its share, and the first four of it who may verify
 * do; only if they are fewer, who has no chance yet.
 */
export function drawVerifiers(
  { candidates, chances }: VerifierPool,
  beacon: Hash,
  round: Round,
  { trainer, unit }: Pick<Update, 'trainer' | 'unit'>,
): DrawnVerifier[] {
  const able = candidates.filter(({ weight, address }) => weight > 0n && address !== trainer)
  let drawn = able
  if (able.length > VERIFIERS_PER_UPDATE) {
    const seed = encode(seedCodec, { beacon, model: round.model, round: round.number, trainer, unit })
    drawn = []
    for (const index of chances.draw(new CounterRandom(taggedHash('hydra/draw/1', seed)))) {
      const candidate = candidates[index]!
      if (candidate.weight > 0n && candidate.address !== trainer) drawn.push(candidate)
      if (drawn.length === VERIFIERS_PER_UPDATE) break
    }
    const fresh = able.filter(({ chance }) => chance === 0)
    drawn = [...drawn, ...fresh].slice(0, VERIFIERS_PER_UPDATE)
    drawn.sort((a, b) => compareKeys(a.address, b.address))
  }
  return drawn.map(({ address, weight }) => ({ address, weight }))
}
