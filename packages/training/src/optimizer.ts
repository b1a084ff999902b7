import type { Recipe } from '@hydraai/core'
import type { OptimizerSpec } from '@hydraai/engine'

/** The inner optimiser of a recipe. One exactly rounded division turns a ledger integer into a float64. */
export function innerOptimizer({ inner }: Recipe): OptimizerSpec {
  return {
    type: 'adamw',
    learningRate: inner.learningRatePpm / 1e6,
    beta1: inner.beta1Ppm / 1e6,
    beta2: inner.beta2Ppm / 1e6,
    epsilon: inner.epsilonPpb / 1e9,
    weightDecay: inner.weightDecayPpm / 1e6,
  }
}
