import type { Hash } from '@hydraai/core'
import type { Candidate } from './blocks.ts'

/** Different blocks one height may carry in memory; an honest proposer makes one a round. */
const MAX_CANDIDATES = 64

/** The blocks of the height under vote. Bounded: the oldest goes first, never one that is still held. */
export class Candidates {
  readonly #blocks = new Map<Hash, Candidate>()

  get(hash: Hash): Candidate | undefined {
    return this.#blocks.get(hash)
  }

  /** `held`: what the machine may still propose or decide. */
  keep(candidate: Candidate, held: readonly (Hash | null | undefined)[]): void {
    if (this.#blocks.size >= MAX_CANDIDATES) {
      const oldest = [...this.#blocks.keys()].find(hash => !held.includes(hash))
      if (oldest !== undefined) this.#blocks.delete(oldest)
    }
    this.#blocks.set(candidate.hash, candidate)
  }

  clear(): void {
    this.#blocks.clear()
  }
}
