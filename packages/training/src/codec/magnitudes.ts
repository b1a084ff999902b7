/** Magnitudes below `cut` are written as `low`, the others as `high`. */
export interface TwoMagnitudes {
  readonly cut: number
  readonly low: number
  readonly high: number
}

/**
 * The two numbers that stand for all `magnitudes` with the least squared error: two means in one dimension, of which the
 * best cut is found by trying every one. Of several equally good the lowest. Equal magnitudes are never cut apart.
 */
export function twoMagnitudes(magnitudes: Float32Array): TwoMagnitudes {
  const sorted = magnitudes.slice().sort((a, b) => a - b)
  const n = sorted.length
  let total = 0
  for (const magnitude of sorted) total += magnitude
  if (n === 0) return { cut: 0, low: 0, high: 0 }
  let best = { cut: sorted[0]!, low: 0, high: total / n }
  // The squared error of a group around its mean is smallest where sum² / size is largest.
  let most = (total * total) / n
  let below = 0
  for (let i = 1; i < n; i++) {
    below += sorted[i - 1]!
    if (sorted[i] === sorted[i - 1]) continue
    const above = total - below
    const explained = (below * below) / i + (above * above) / (n - i)
    if (explained > most) {
      most = explained
      best = { cut: sorted[i]!, low: below / i, high: above / (n - i) }
    }
  }
  return best
}
