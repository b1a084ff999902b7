import { shareOf } from './norms.ts'

/**
 * In each coordinate the mean of what is left of `updates`, each `[count]`, at least one, without the `trimPpm` smallest and
 * as many of the largest (Yin et al. 2018, definition 2). Not for sparse updates: what only one of them holds is the first
 * to be left out.
 */
export function trimmedMean(updates: readonly Float32Array[], trimPpm: number): Float32Array {
  const n = updates.length
  const cut = shareOf(n, trimPpm)
  const mean = new Float32Array(updates[0]!.length)
  const sorted = new Float64Array(n)
  for (let i = 0; i < mean.length; i++) {
    for (let u = 0; u < n; u++) insert(sorted, u, updates[u]![i]!)
    let sum = 0
    for (let u = cut; u < n - cut; u++) sum += sorted[u]!
    mean[i] = sum / (n - 2 * cut)
  }
  return mean
}

/** Puts `value` among the first `length` of `sorted`. */
function insert(sorted: Float64Array, length: number, value: number): void {
  let at = length
  for (; at > 0 && sorted[at - 1]! > value; at--) sorted[at] = sorted[at - 1]!
  sorted[at] = value
}
