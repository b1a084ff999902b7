import { float32Bits } from '@hydraai/core'
import { scoreSamples } from './score.ts'
import type { StepsJob } from './steps.ts'

/**
 * The mean losses of `parameters` on each of `probes`, as bits of a float32. Leaves the model holding `parameters`. Throws
 * NON_FINITE.
 */
export function lossBitsOf(
  { model, dataset, recipe }: Pick<StepsJob, 'model' | 'dataset' | 'recipe'>,
  parameters: Float32Array,
  probes: readonly Int32Array[],
): number[] {
  model.setParameters(parameters)
  return probes.map(probe => float32Bits(scoreSamples(model, dataset, probe, recipe.batchSize).loss))
}
