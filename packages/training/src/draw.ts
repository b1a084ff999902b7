import { CounterRandom, type Hash } from '@hydraai/core'
import type { Stratum } from './data/text.ts'

/**
 * Draws samples of the training part from `seed`, with replacement: a function that gives the next so many indices. A draw
 * takes a stratum by its weight and then one of its samples uniformly.
 */
export function sampleDrawer(seed: Hash, strata: readonly Stratum[]): (count: number) => Int32Array {
  const next = drawer(new CounterRandom(seed), strata)
  return count => Int32Array.from({ length: count }, next)
}

/** One stratum takes one draw a sample, several take two. */
function drawer(random: CounterRandom, strata: readonly Stratum[]): () => number {
  const [only] = strata
  if (strata.length === 1) return () => random.below(only!.count)
  const weights = strata.reduce((sum, stratum) => sum + stratum.weight, 0)
  return () => {
    let ticket = random.below(weights)
    let first = 0
    for (const { count, weight } of strata) {
      if (ticket < weight) return first + random.below(count)
      ticket -= weight
      first += count
    }
    throw new RangeError('a ticket beyond all weights')
  }
}
