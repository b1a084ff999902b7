import {
  type Address,
  addressBytes,
  CounterRandom,
  fromHex,
  type Hash,
  type Recipe,
  taggedHash,
  u64be,
  utf8,
} from '@hydraai/core'
import type { Stratum } from './data/text.ts'

/** What names a unit. The beacon is unknown until the round opens, so nobody chooses their data. */
export interface UnitId {
  readonly beacon: Hash
  readonly model: string
  readonly round: number
  readonly unit: number
  readonly trainer: Address
}

/** `batches` is `[stepsPerUnit][batchSize]` and `probe` `[probeSamples]`, all indices into the training part. */
export interface Assignment {
  /** What all chance in the unit follows from. */
  readonly seed: Hash
  readonly batches: readonly Int32Array[]
  readonly probe: Int32Array
}

/**
 * The samples of a unit: draws with replacement from the training part, batches first, then the probe on which both losses
 * are taken. A draw takes a stratum by its weight and then one of its samples uniformly. A function of the unit alone.
 */
export function assignUnit(id: UnitId & { readonly recipe: Recipe; readonly strata: readonly Stratum[] }): Assignment {
  const { recipe } = id
  const seed = unitSeed(id)
  const next = drawer(new CounterRandom(seed), id.strata)
  const draw = (count: number): Int32Array => Int32Array.from({ length: count }, next)
  const batches = Array.from({ length: recipe.stepsPerUnit }, () => draw(recipe.batchSize))
  return { seed, batches, probe: draw(recipe.probeSamples) }
}

/** One stratum takes one draw a sample, several take two. */
function drawer(random: CounterRandom, strata: readonly Stratum[]): () => number {
  const [only] = strata
  if (strata.length === 1) return () => random.below(only!.count)
  const weights = strata.reduce((sum, stratum) => sum + stratum.weight, 0)
  return () => {
    let ticket = random.below(weights)
    let first = 0
    for (const { count, weight } of strata) {
      if (ticket < weight) return first + random.below(count)
      ticket -= weight
      first += count
    }
    throw new RangeError('a ticket beyond all weights')
  }
}

/** Every field has a fixed width or is a hash of its own, so that two units never share a seed. */
function unitSeed({ beacon, model, round, unit, trainer }: UnitId): Hash {
  const modelId = fromHex(taggedHash('hydra/model-id/1', utf8(model)))
  return taggedHash('hydra/unit/1', fromHex(beacon), modelId, u64be(round), u64be(unit), addressBytes(trainer))
}
