import { HydraError } from '@hydraai/core'
import type { Model } from '@hydraai/engine'
import type { Dataset } from './dataset.ts'
import { samplesOf } from './samples.ts'

/** What a model makes of a list of samples. `loss` is the mean over all that is scored, a float32 value. */
export interface Score {
  readonly loss: number
  readonly correct: number
  /** Samples, or tokens of a text that have a label. */
  readonly scored: number
}

/**
 * Scores `indices` with the parameters that `model` holds now, `batchSize` samples at a time in their order; float sums
 * depend on that size, so it is part of the protocol. Throws NON_FINITE when the loss is no finite number.
 */
export function scoreSamples(model: Model, dataset: Dataset, indices: Int32Array, batchSize: number): Score {
  let lossSum = 0
  let correct = 0
  let scored = 0
  for (let start = 0; start < indices.length; start += batchSize) {
    const part = indices.subarray(start, start + batchSize)
    const { x, y } = samplesOf(dataset, part)
    const result = model.evaluate(x, y, part.length)
    lossSum += result.lossSum
    correct += result.correct
    scored += result.scored
  }
  return { loss: finiteLoss(lossSum / scored), correct, scored }
}

/** The float32 nearest to `loss`. Throws NON_FINITE: a NaN has no bits that all machines agree on. */
export function finiteLoss(loss: number): number {
  const rounded = Math.fround(loss)
  if (!Number.isFinite(rounded)) {
    throw new HydraError('NON_FINITE', `The loss became ${loss}; training has diverged.`, {
      advice: 'Lower the learning rate of the recipe.',
    })
  }
  return rounded
}
