import type { KeyRange } from '../ports.ts'

/** A map from ASCII keys to bytes that can be visited in the order of its keys. */
export class OrderedMap {
  readonly #values = new Map<string, Uint8Array>()
  readonly #keys: string[] = []

  get(key: string): Uint8Array | undefined {
    return this.#values.get(key)
  }

  set(key: string, value: Uint8Array): void {
    if (!this.#values.has(key)) this.#keys.splice(this.#firstAtOrAfter(key), 0, key)
    this.#values.set(key, value)
  }

  delete(key: string): void {
    if (this.#values.delete(key)) this.#keys.splice(this.#firstAtOrAfter(key), 1)
  }

  /** The entries of `range` as they are now. */
  entries(range: KeyRange): [string, Uint8Array][] {
    const from = range.gte === undefined ? 0 : this.#firstAtOrAfter(range.gte)
    const to = range.lt === undefined ? this.#keys.length : this.#firstAtOrAfter(range.lt)
    const limit = range.limit === undefined || range.limit < 0 ? Number.POSITIVE_INFINITY : range.limit
    const count = Math.max(0, Math.min(to - from, limit))
    const keys = range.reverse ? this.#keys.slice(to - count, to).reverse() : this.#keys.slice(from, from + count)
    return keys.map(key => [key, this.#values.get(key)!])
  }

  #firstAtOrAfter(key: string): number {
    let low = 0
    let high = this.#keys.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#keys[middle]! < key) low = middle + 1
      else high = middle
    }
    return low
  }
}
