import type { Recipe } from '@hydraai/core'

/**
 * Multiply-adds that one core of a present-day machine does in a second of training, measured over the presets with
 * `scripts/presets.ts`; the small layers of these models do not reach what a large matrix would.
 */
const MULTIPLY_ADDS_A_SECOND = 15e9
/** A step goes forward once and backward twice; the probe goes forward before and after. */
const PASSES_A_STEP = 3
const PASSES_A_PROBE = 2
/** A check goes forward over the probe of the round and a fresh one: this share of a unit's passes at most, or one sample. */
const CHECK_SHARE = 0.02
/** With fewer steps a unit hardly leaves where it began. */
const ENOUGH_STEPS = 12
const LEAST_STEPS = 4

/**
 * A recipe whose unit takes about a second of one core, or less where `mostSteps` are done sooner: the largest of the
 * `batches` that leaves enough steps. `multiplyAdds` are those of one sample, forward; `probeSamples` are what is probed
 * where the unit is long enough for it.
 */
export function presetRecipe(work: {
  readonly multiplyAdds: number
  readonly batches: readonly number[]
  readonly mostSteps: number
  readonly probeSamples: number
  readonly learningRatePpm: number
  readonly beta2Ppm: number
}): Recipe {
  const { multiplyAdds, mostSteps } = work
  const stepsOf = (batch: number): number => {
    const left = MULTIPLY_ADDS_A_SECOND / multiplyAdds - PASSES_A_PROBE * work.probeSamples
    return Math.min(mostSteps, Math.floor(left / (PASSES_A_STEP * batch)))
  }
  const batchSize = work.batches.find(batch => stepsOf(batch) >= ENOUGH_STEPS) ?? work.batches.at(-1)!
  const stepsPerUnit = Math.max(LEAST_STEPS, stepsOf(batchSize))
  const mostProbed = Math.floor((CHECK_SHARE * PASSES_A_STEP * batchSize * stepsPerUnit) / PASSES_A_PROBE)
  const probeSamples = Math.max(1, Math.min(work.probeSamples, mostProbed))
  return {
    batchSize,
    stepsPerUnit,
    traceEvery: Math.ceil(stepsPerUnit / 4),
    probeSamples,
    maxUnitsPerRound: 4,
    inner: {
      learningRatePpm: work.learningRatePpm,
      beta1Ppm: 900_000,
      beta2Ppm: work.beta2Ppm,
      epsilonPpb: 10,
      weightDecayPpm: 10_000,
      warmUpSteps: 2,
      floorPpm: 100_000,
      clipNormPpm: 1_000_000,
    },
    outer: { learningRatePpm: 1_000_000, momentumPpm: 0 },
    compression: { type: 'int8' },
    aggregation: { type: 'clipped-mean' },
  }
}
