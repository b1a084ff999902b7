/**
 * The updates of a round become the next parameters: the recipe's aggregation makes one of them, and an outer Nesterov step
 * is taken (DiLoCo, arXiv 2311.08105, algorithm 1). Everything that is kept is float32.
 */
import { HydraError, type Recipe } from '@hydraai/core'
import { assertFinite } from '@hydraai/engine'
import { combine } from './aggregation/combine.ts'
import { decodePayload } from './payload.ts'

/** The replicated state of a model, both `[parameterCount]`. Momentum begins as zeros. */
export interface ModelState {
  readonly parameters: Float32Array
  readonly momentum: Float32Array
}

/**
 * `payloads` in the order of the ledger. Throws UPDATE_INVALID for a payload of another shape, AGGREGATE_EMPTY for none,
 * NON_FINITE when the result is not finite.
 */
export function aggregate(
  job: ModelState & { readonly payloads: readonly Uint8Array[]; readonly recipe: Recipe },
): ModelState {
  const { parameters, momentum, payloads, recipe } = job
  if (payloads.length === 0) throw new HydraError('AGGREGATE_EMPTY', 'A round without updates has no step.')
  const count = parameters.length
  if (momentum.length !== count) {
    throw new HydraError('AGGREGATE_MISMATCH', `${momentum.length} momentum values do not match ${count} parameters.`)
  }
  const gradient = combine(
    recipe,
    payloads.map(payload => decodePayload(payload, recipe, count).delta),
  )
  const rate = Math.fround(recipe.outer.learningRatePpm / 1e6)
  const decay = Math.fround(recipe.outer.momentumPpm / 1e6)
  const next: ModelState = { parameters: new Float32Array(count), momentum: new Float32Array(count) }
  for (let i = 0; i < count; i++) {
    const g = gradient[i]!
    const m = Math.fround(Math.fround(decay * momentum[i]!) + g)
    const step = Math.fround(g + Math.fround(decay * m))
    next.momentum[i] = m
    next.parameters[i] = parameters[i]! - Math.fround(rate * step)
  }
  assertFinite(next.parameters, 'the aggregated parameters')
  assertFinite(next.momentum, 'the outer momentum')
  return next
}
