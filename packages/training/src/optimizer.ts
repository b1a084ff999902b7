import type { Recipe } from '@hydraai/core'
import type { OptimizerSpec } from '@hydraai/engine'

const CONSTANT = 1_000_000

/** The inner optimiser of a recipe, for one unit. One exactly rounded division turns a ledger integer into a float64. */
export function innerOptimizer({ stepsPerUnit, inner }: Recipe): OptimizerSpec {
  const { warmUpSteps, floorPpm, clipNormPpm } = inner
  const learningRate = inner.learningRatePpm / 1e6
  const schedule = { warmUp: warmUpSteps, total: stepsPerUnit, floor: learningRate * (floorPpm / 1e6) }
  return {
    type: 'adamw',
    learningRate,
    beta1: inner.beta1Ppm / 1e6,
    beta2: inner.beta2Ppm / 1e6,
    epsilon: inner.epsilonPpb / 1e9,
    weightDecay: inner.weightDecayPpm / 1e6,
    ...((warmUpSteps > 0 || floorPpm < CONSTANT) && { schedule }),
    ...(clipNormPpm > 0 && { clipNorm: clipNormPpm / 1e6 }),
  }
}
