/** Message ids with the time each was first seen, forgotten after a while: what keeps gossip from going in circles. */
export class SeenCache {
  readonly #ttlMs: number
  readonly #seen = new Map<string, number>()

  constructor(ttlMs: number) {
    this.#ttlMs = ttlMs
  }

  /** Notes the id; false if it was known already. */
  add(id: string, now: number): boolean {
    // Insertion order is order of age.
    for (const [old, at] of this.#seen) {
      if (now - at < this.#ttlMs) break
      this.#seen.delete(old)
    }
    if (this.#seen.has(id)) return false
    this.#seen.set(id, now)
    return true
  }
}
