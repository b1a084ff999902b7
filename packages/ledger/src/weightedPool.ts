import type { CounterRandom } from '@hydraai/core'

/**
 * Things with weights, to draw from without replacement: each draw takes one with the chance of its share of what is
 * left. A Fenwick tree (1994) over the weights, so that a draw among n costs log n steps.
 */
export class WeightedPool {
  readonly #sums: bigint[]
  readonly #weights: bigint[]
  #total = 0n

  constructor(weights: readonly bigint[]) {
    this.#weights = [...weights]
    this.#sums = [0n, ...weights]
    for (let i = 1; i < this.#sums.length; i++) {
      this.#total += this.#sums[i]!
      const parent = i + (i & -i)
      if (parent < this.#sums.length) this.#sums[parent]! += this.#sums[i]!
    }
  }

  /** The sum of the weights that are left. */
  get total(): bigint {
    return this.#total
  }

  /** Draws one, takes it out and returns its index. There must be one with a weight. */
  take(random: CounterRandom): number {
    let point = random.belowBig(this.#total)
    let below = 0
    for (let step = 1 << (31 - Math.clz32(this.#sums.length)); step > 0; step >>= 1) {
      const sum = this.#sums[below + step]
      if (sum === undefined || sum > point) continue
      below += step
      point -= sum
    }
    this.set(below, 0n)
    return below
  }

  /** Gives one another weight: 0 takes it out of the draw. */
  set(index: number, weight: bigint): void {
    const change = weight - this.#weights[index]!
    if (change === 0n) return
    this.#weights[index] = weight
    this.#total += change
    for (let i = index + 1; i < this.#sums.length; i += i & -i) this.#sums[i]! += change
  }
}
