import type { Recipe } from '@hydraai/core'

/** What one step of Adam can move a value at most, in learning rates: (1 - beta1) / sqrt(1 - beta2) for usual betas, rounded up. */
const RATES_PER_STEP = 4
/** Room for weight decay and for what a compression saves up over many rounds. */
const ROOM = 25

/**
 * Whether an update of this norm can have come of a unit's steps. One that cannot must not get into a base, of which all
 * others train: the larger it is, the surer nobody could take a step from there. A rule of all validators, not of the chain.
 */
export function isPlausible(norm: number, { inner, stepsPerUnit }: Recipe, count: number): boolean {
  const rate = inner.learningRatePpm / 1e6
  return norm <= ROOM * RATES_PER_STEP * rate * stepsPerUnit * Math.sqrt(count)
}
