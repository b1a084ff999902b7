/** A small seeded generator (mulberry32): a campaign is the same again with the same seed. */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** A whole number 0..2^32-1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let x = this.#state
    x = Math.imul(x ^ (x >>> 15), x | 1)
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61)
    return (x ^ (x >>> 14)) >>> 0
  }

  /** A whole number 0..`count`-1; 0 if there is nothing to choose from. */
  below(count: number): number {
    return count > 0 ? this.next() % count : 0
  }

  chance(oneIn: number): boolean {
    return this.below(oneIn) === 0
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!
  }

  /** Small much more often than large. */
  skewed(count: number): number {
    return this.below(1 + this.below(count))
  }
}
