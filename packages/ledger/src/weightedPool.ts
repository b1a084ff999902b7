import type { CounterRandom } from '@hydraai/core'

/**
 * Things with weights, to draw from without replacement: each draw takes one with the chance of its share of what is
 * left. A Fenwick tree (1994) over the weights, so that a draw among n costs log n steps.
 */
export class WeightedPool {
  readonly #weights: readonly bigint[]
  /** At i: the weights of the last `i & -i` of the first i that are still in. */
  readonly #sums: bigint[]
  #total = 0n

  /** Integers of at least 0; what weighs nothing is never drawn. */
  constructor(weights: readonly number[]) {
    this.#weights = weights.map(BigInt)
    this.#sums = [0n, ...this.#weights]
    for (let i = 1; i < this.#sums.length; i++) {
      this.#total += this.#weights[i - 1]!
      const parent = i + (i & -i)
      if (parent < this.#sums.length) this.#sums[parent]! += this.#sums[i]!
    }
  }

  /** Indices in the order in which they are drawn. Whoever stops before all are out puts them back with it. */
  *draw(random: CounterRandom): Generator<number, void, undefined> {
    const taken: number[] = []
    try {
      while (this.#total > 0n) {
        const index = this.#at(random.belowBig(this.#total))
        this.#add(index, -this.#weights[index]!)
        taken.push(index)
        yield index
      }
    } finally {
      for (const index of taken) this.#add(index, this.#weights[index]!)
    }
  }

  /** Whose share holds that point of 0..total-1, when all shares lie one after another. */
  #at(point: bigint): number {
    let below = 0
    for (let step = 1 << (31 - Math.clz32(this.#sums.length)); step > 0; step >>= 1) {
      const sum = this.#sums[below + step]
      if (sum === undefined || sum > point) continue
      below += step
      point -= sum
    }
    return below
  }

  #add(index: number, weight: bigint): void {
    this.#total += weight
    for (let i = index + 1; i < this.#sums.length; i += i & -i) this.#sums[i]! += weight
  }
}
