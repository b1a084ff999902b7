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
import { weightOf } from './weight.ts'

export const VERIFIERS_PER_UPDATE = 4

/** Someone who may be drawn. */
export interface Candidate {
  readonly address: Address
  /** In the quorum. */
  readonly weight: Micro
  /** In the draw: the weight times (10 + reputation). */
  readonly chance: bigint
}

/** All who may be drawn in this block, in order of address. */
export function candidatesOf(draft: Draft): Candidate[] {
  const { parameters, height } = draft.block
  const candidates: Candidate[] = []
  for (const [address, account] of draft.accounts.entries()) {
    const weight = weightOf(account, parameters)
    if (weight === 0n || account.lastActive + parameters.activityWindow < height) continue
    candidates.push({ address, weight, chance: weight * BigInt(10 + account.reputation) })
  }
  return candidates
}

const seedCodec = struct({ beacon: hash, model: modelIdField, round: uint, trainer: address, unit: uint })

/**
 * The verifiers of one update, in order of address: all candidates but the trainer if there are four or fewer, otherwise
 * four drawn without replacement by the beacon of the block in which verifying begins.
 */
export function drawVerifiers(
  candidates: readonly Candidate[],
  beacon: Hash,
  round: Round,
  { trainer, unit }: Pick<Update, 'trainer' | 'unit'>,
): DrawnVerifier[] {
  const pool = candidates.filter(candidate => candidate.address !== trainer)
  let drawn = pool
  if (pool.length > VERIFIERS_PER_UPDATE) {
    const seed = encode(seedCodec, { beacon, model: round.model, round: round.number, trainer, unit })
    const random = new CounterRandom(taggedHash('hydra/draw/1', seed))
    drawn = []
    for (let i = 0; i < VERIFIERS_PER_UPDATE; i++) drawn.push(takeOne(pool, random))
    drawn.sort((a, b) => compareKeys(a.address, b.address))
  }
  return drawn.map(({ address, weight }) => ({ address, weight }))
}

/** Removes one of the pool, each as likely as its share of all chances. */
function takeOne(pool: Candidate[], random: CounterRandom): Candidate {
  let point = random.belowBig(pool.reduce((sum, candidate) => sum + candidate.chance, 0n))
  for (const [index, candidate] of pool.entries()) {
    if (point < candidate.chance) return pool.splice(index, 1)[0]!
    point -= candidate.chance
  }
  throw new Error('a point below the sum of all chances lies in one of them')
}
