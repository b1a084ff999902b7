import { median, normOf } from './norms.ts'

/** The mean of `updates`, each `[count]`, at least one; what is longer than the median of their norms is scaled down to it. */
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
