import type { Hash } from '@hydraai/core'
import type { Compute } from '../compute/compute.ts'
import type { Journal } from '../journal.ts'
import type { Library } from '../library.ts'

/** Bytes of documents and datasets that the compute threads hold at once, the least lately used going first. */
export const MAX_HELD_BYTES = 384 * 1024 * 1024

interface Held {
  readonly providing: Promise<void>
  /** 0 until it is there. */
  bytes: number
}

/** Sees to it that the compute threads hold the documents and datasets that jobs name. Fetches each once. */
export class Documents {
  readonly #library: Library
  readonly #compute: Compute
  readonly #journal: Journal
  readonly #maxBytes: number
  /** The least lately used first. */
  readonly #held = new Map<Hash, Held>()

  constructor(parts: { library: Library; compute: Compute; journal: Journal; maxBytes?: number }) {
    this.#library = parts.library
    this.#compute = parts.compute
    this.#journal = parts.journal
    this.#maxBytes = parts.maxBytes ?? MAX_HELD_BYTES
  }

  /** Resolves when a job may name both. @throws HydraError CONTENT_UNAVAILABLE, COMPUTE_CLOSED */
  async ready({ document, data }: { document: Hash; data: Hash }): Promise<void> {
    await Promise.all([this.#provide(document, 'model document'), this.#provide(data, 'dataset')])
  }

  #provide(id: Hash, what: string): Promise<void> {
    const known = this.#held.get(id)
    if (known) {
      this.#held.delete(id)
      this.#held.set(id, known)
      return known.providing
    }
    const held: Held = { providing: this.#fetch(id, what), bytes: 0 }
    this.#held.set(id, held)
    held.providing.catch(() => this.#held.delete(id))
    return held.providing
  }

  async #fetch(id: Hash, what: string): Promise<void> {
    let announced = false
    const bytes = await this.#library.get(id, {
      onProgress: () => {
        if (!announced) this.#journal.write('INFO', `Fetching the ${what} ${id.slice(0, 8)} from peers`)
        announced = true
      },
    })
    const held = this.#held.get(id)
    if (held) held.bytes = bytes.length
    this.#makeRoom(id)
    await this.#compute.provide(id, bytes)
  }

  /** A job that was about to use what goes here fails, and is tried again by whoever asked for it. */
  #makeRoom(coming: Hash): void {
    let total = [...this.#held.values()].reduce((sum, { bytes }) => sum + bytes, 0)
    for (const [id, { bytes }] of this.#held) {
      if (total <= this.#maxBytes) return
      if (id === coming || bytes === 0) continue
      this.#held.delete(id)
      total -= bytes
      void this.#compute.forget(id).catch(() => {})
    }
  }
}
