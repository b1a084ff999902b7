import { shareOf, squaredDistance } from './norms.ts'

/**
 * The mean of the n − f of `updates`, each `[count]`, at least one, whose n − f − 2 nearest others are nearest, where f is the
 * share `byzantinePpm` of n (Blanchard et al. 2017, section 4; of equally near ones the first are taken). The proof needs
 * n ≥ 2f + 3; with fewer the nearest one alone is looked at.
 */
export function multiKrum(updates: readonly Float32Array[], byzantinePpm: number): Float32Array {
  const n = updates.length
  const f = shareOf(n, byzantinePpm)
  const scores = scoresOf(updates, Math.max(1, n - f - 2))
  const chosen = [...scores.keys()].sort((a, b) => scores[a]! - scores[b]! || a - b).slice(0, n - f)
  // Summed in the order in which they came.
  chosen.sort((a, b) => a - b)
  const mean = new Float32Array(updates[0]!.length)
  for (let i = 0; i < mean.length; i++) {
    let sum = 0
    for (const u of chosen) sum += updates[u]![i]!
    mean[i] = sum / chosen.length
  }
  return mean
}

/** Of each update the sum of the squared distances to its `neighbours` nearest others. */
function scoresOf(updates: readonly Float32Array[], neighbours: number): number[] {
  const distances = updates.map(() => [] as number[])
  updates.forEach((update, u) => {
    for (let other = 0; other < u; other++) {
      const distance = squaredDistance(update, updates[other]!)
      distances[u]!.push(distance)
      distances[other]!.push(distance)
    }
  })
  return distances.map(row => {
    const nearest = row.sort((a, b) => a - b).slice(0, neighbours)
    return nearest.reduce((sum, distance) => sum + distance, 0)
  })
}
