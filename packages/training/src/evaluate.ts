import { type Evaluation, float32Bits } from '@hydraai/core'
import type { Model } from '@hydraai/engine'
import type { Dataset } from './dataset.ts'
import { scoreSamples } from './score.ts'

/** Samples an evaluation takes at a time, whatever the recipe: the mean loss depends on it. */
export const EVALUATION_BATCH = 32

/**
 * Scores `parameters` on the whole held-out part: `total` samples, or tokens of a text, of which `correct` are predicted
 * first of all (none where numbers are predicted). `model` must be compiled for at least EVALUATION_BATCH samples a batch; it
 * is left holding `parameters`. Throws NON_FINITE.
 */
export function evaluateModel(job: {
  readonly model: Model
  readonly dataset: Dataset
  readonly parameters: Float32Array
}): Evaluation {
  const { model, dataset, parameters } = job
  model.setParameters(parameters)
  const heldOut = Int32Array.from({ length: dataset.testCount }, (_, i) => dataset.trainCount + i)
  const { loss, correct, scored } = scoreSamples(model, dataset, heldOut, EVALUATION_BATCH)
  return { correct, total: scored, lossBits: float32Bits(loss) }
}
