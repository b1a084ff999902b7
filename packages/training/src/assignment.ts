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
  readonly batches: readonly Int32Array[]
  readonly probe: Int32Array
}

/**
 * The samples of a unit: uniform draws with replacement from the training part, batches first, then the probe on which
 * both losses are taken. A function of the unit alone.
 */
export function assignUnit(id: UnitId & { readonly recipe: Recipe; readonly trainCount: number }): Assignment {
  const { recipe, trainCount } = id
  const random = new CounterRandom(unitSeed(id))
  const draw = (count: number): Int32Array => Int32Array.from({ length: count }, () => random.below(trainCount))
  const batches = Array.from({ length: recipe.stepsPerUnit }, () => draw(recipe.batchSize))
  return { batches, probe: draw(recipe.probeSamples) }
}

/** Every field has a fixed width or is a hash of its own, so that two units never share a seed. */
function unitSeed({ beacon, model, round, unit, trainer }: UnitId): Hash {
  const modelId = fromHex(taggedHash('hydra/model-id/1', utf8(model)))
  return taggedHash('hydra/unit/1', fromHex(beacon), modelId, u64be(round), u64be(unit), addressBytes(trainer))
}
