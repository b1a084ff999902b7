/**
 * The samples on which the losses of updates are taken: the same for all updates of a round, so that what the base makes
 * of them is found once.
 */
import { fromHex, type Hash, type Recipe, taggedHash, u64be } from '@hydraai/core'
import { modelIdOf } from './assignment.ts'
import type { Stratum } from './data/text.ts'
import { sampleDrawer } from './draw.ts'

/** What a probe follows from. */
export interface ProbeSource {
  readonly beacon: Hash
  readonly model: string
  readonly round: number
  readonly recipe: Pick<Recipe, 'probeSamples'>
  readonly strata: readonly Stratum[]
}

/** `[probeSamples]` indices into the training part, by the beacon that opened the round: what a trainer claims its losses on. */
export function roundProbe(source: ProbeSource): Int32Array {
  return probeOf('hydra/round-probe/1', source)
}

/**
 * The same by the beacon with which the verifiers were drawn: samples that nobody knew while there was still something to
 * be trained.
 */
export function freshProbe(source: ProbeSource): Int32Array {
  return probeOf('hydra/fresh-probe/1', source)
}

function probeOf(tag: string, { beacon, model, round, recipe, strata }: ProbeSource): Int32Array {
  const seed = taggedHash(tag, fromHex(beacon), modelIdOf(model), u64be(round))
  return sampleDrawer(seed, strata)(recipe.probeSamples)
}
