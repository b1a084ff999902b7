import type { Coverage } from './instrument.ts'

/** The bit for a count: once, twice, thrice, up to 7, 15, 31, 127, 255. More often than before counts as something new. */
const BIT = Uint8Array.from({ length: 256 }, (_, count) => {
  if (count < 4) return [0, 1, 2, 4][count]!
  if (count < 8) return 8
  if (count < 16) return 16
  if (count < 32) return 32
  return count < 128 ? 64 : 128
})

/** Which branches were ever taken, and about how often in one run. */
export class Buckets {
  branches = 0
  features = 0
  readonly #coverage: Coverage
  readonly #seen: Uint8Array
  readonly #words: Uint32Array

  constructor(coverage: Coverage) {
    this.#coverage = coverage
    this.#seen = new Uint8Array(coverage.hits.length)
    this.#words = new Uint32Array(coverage.hits.buffer)
  }

  clear(): void {
    this.#coverage.hits.fill(0, 0, this.#coverage.branches() + 1)
  }

  /** Takes up what was hit since it was cleared; whether there was anything new. */
  take(): boolean {
    const { hits } = this.#coverage
    const end = (this.#coverage.branches() >> 2) + 1
    let news = false
    for (let word = 0; word < end; word++) {
      if (this.#words[word] === 0) continue
      for (let i = 4 * word; i < 4 * word + 4; i++) {
        const bit = BIT[hits[i]!]!
        const seen = this.#seen[i]!
        if ((seen & bit) === bit) continue
        if (seen === 0) this.branches++
        this.#seen[i] = seen | bit
        this.features++
        news = true
      }
    }
    return news
  }
}
