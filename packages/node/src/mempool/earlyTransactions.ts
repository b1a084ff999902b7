import type { Hash } from '@hydraai/core'

/** How many may wait for a block or phase that this node has not reached, and for how many blocks. */
const MAX_EARLY = 500
const EARLY_BLOCKS = 3

/** Transactions that do not apply yet. Bounded in number and in time; later ones find no room. */
export class EarlyTransactions {
  readonly #waiting = new Map<Hash, { readonly bytes: Uint8Array; readonly until: number }>()
  /** Those that were out to be tried last, and until which height each may be. */
  #tried = new Map<Hash, number>()

  /** `height`: that of the newest block. */
  keep(id: Hash, bytes: Uint8Array, height: number): 'new' | 'known' | 'refused' {
    if (this.#waiting.has(id)) return 'known'
    const until = this.#tried.get(id) ?? height + EARLY_BLOCKS
    if (until <= height || this.#waiting.size >= MAX_EARLY) return 'refused'
    this.#waiting.set(id, { bytes, until })
    return 'new'
  }

  /** All of them, to be tried; one that is kept again then does not wait any longer for it. */
  due(): Uint8Array[] {
    const due = [...this.#waiting]
    this.#waiting.clear()
    this.#tried = new Map(due.map(([id, { until }]) => [id, until]))
    return due.map(([, { bytes }]) => bytes)
  }
}
