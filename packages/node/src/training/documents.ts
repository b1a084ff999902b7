import type { Hash } from '@hydraai/core'
import type { Compute } from '../compute/compute.ts'
import type { Journal } from '../journal.ts'
import type { Library } from '../library.ts'

/** Sees to it that the compute threads hold the documents and datasets that jobs name. Fetches each once. */
export class Documents {
  readonly #library: Library
  readonly #compute: Compute
  readonly #journal: Journal
  readonly #provided = new Map<Hash, Promise<void>>()

  constructor(parts: { library: Library; compute: Compute; journal: Journal }) {
    this.#library = parts.library
    this.#compute = parts.compute
    this.#journal = parts.journal
  }

  async ready({ document, data }: { document: Hash; data: Hash }): Promise<void> {
    await Promise.all([this.#provide(document, 'model document'), this.#provide(data, 'dataset')])
  }

  #provide(id: Hash, what: string): Promise<void> {
    const known = this.#provided.get(id)
    if (known) return known
    const providing = this.#fetch(id, what)
    this.#provided.set(id, providing)
    providing.catch(() => this.#provided.delete(id))
    return providing
  }

  async #fetch(id: Hash, what: string): Promise<void> {
    let announced = false
    const bytes = await this.#library.get(id, {
      onProgress: () => {
        if (!announced) this.#journal.write('INFO', `Fetching the ${what} ${id.slice(0, 8)} from peers`)
        announced = true
      },
    })
    await this.#compute.provide(id, bytes)
  }
}
