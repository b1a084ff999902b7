/**
 * The accepted updates of a round become the next parameters: each is clipped to the median norm, they are averaged,
 * and an outer Nesterov step is taken (DiLoCo, arXiv 2311.08105, algorithm 1). Every sum runs in a fixed order; norms are
 * float64, everything that is kept is float32.
 */
import { HydraError, type Recipe } from '@hydraai/core'
import { assertFinite } from '@hydraai/engine'
import { decodeUpdate } from './updateCodec.ts'

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
  if (payloads.length === 0) throw new HydraError('AGGREGATE_EMPTY', 'A round without accepted updates has no step.')
  const count = parameters.length
  if (momentum.length !== count) {
    throw new HydraError('AGGREGATE_MISMATCH', `${momentum.length} momentum values do not match ${count} parameters.`)
  }
  const gradient = clippedMean(payloads.map(payload => decodeUpdate(payload, count)))
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

/** The mean of `updates`, each scaled down to the median of their norms when it is longer. */
export function clippedMean(updates: readonly Float32Array[]): Float32Array {
  const norms = updates.map(normOf)
  const limit = median(norms)
  const sum = new Float32Array(updates[0]!.length)
  updates.forEach((update, u) => {
    const factor = norms[u]! > limit ? Math.fround(limit / norms[u]!) : 1
    for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + Math.fround(factor * update[i]!)
  })
  for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! / updates.length
  return sum
}

/** L2 norm in float64, summed from the first value to the last. */
export function normOf(values: Float32Array): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]! * values[i]!
  return Math.sqrt(sum)
}

/** The middle value, or the mean of the two middle ones. */
function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
