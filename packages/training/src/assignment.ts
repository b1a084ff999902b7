import { type Address, addressBytes, fromHex, type Hash, type Recipe, taggedHash, u64be, utf8 } from '@hydraai/core'
import type { Stratum } from './data/text.ts'
import { sampleDrawer } from './draw.ts'

/** What names a unit. The beacon is unknown until the round opens, so nobody chooses their data. */
export interface UnitId {
  readonly beacon: Hash
  readonly model: string
  readonly round: number
  readonly unit: number
  readonly trainer: Address
}

/** `batches` is `[stepsPerUnit][batchSize]`, all indices into the training part. */
export interface Assignment {
  /** What all chance in the unit follows from. */
  readonly seed: Hash
  readonly batches: readonly Int32Array[]
}

/** The samples of a unit: draws from the training part, batch by batch. A function of the unit alone. */
export function assignUnit(id: UnitId & { readonly recipe: Recipe; readonly strata: readonly Stratum[] }): Assignment {
  const { recipe } = id
  const seed = unitSeed(id)
  const draw = sampleDrawer(seed, id.strata)
  return { seed, batches: Array.from({ length: recipe.stepsPerUnit }, () => draw(recipe.batchSize)) }
}

/** Every field has a fixed width or is a hash of its own, so that two units never share a seed. */
function unitSeed({ beacon, model, round, unit, trainer }: UnitId): Hash {
  return taggedHash('hydra/unit/1', fromHex(beacon), modelIdOf(model), u64be(round), u64be(unit), addressBytes(trainer))
}

/** 32 bytes for a name of any length. */
export function modelIdOf(model: string): Uint8Array {
  return fromHex(taggedHash('hydra/model-id/1', utf8(model)))
}
