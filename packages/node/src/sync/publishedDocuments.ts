import type { LedgerState } from '@hydraai/ledger'
import type { Library } from '../library.ts'
import type { Logger } from '../ports.ts'
import type { ModelKinds } from '../training/kinds.ts'

/** Blocks after which what nobody gave is asked for again. */
const AGAIN_BLOCKS = 10

/**
 * Documents of published models come with the transactions that publish them. A node that began at a snapshot has not
 * seen those, so it fetches the documents by their content ids.
 */
export class PublishedDocuments {
  readonly #library: Library
  readonly #kinds: ModelKinds
  readonly #logger: Logger
  #seeking = false
  #notBefore = 0

  constructor(parts: { library: Library; kinds: ModelKinds; logger: Logger }) {
    this.#library = parts.library
    this.#kinds = parts.kinds
    this.#logger = parts.logger
  }

  /** Fetches what is missing; returns at once. */
  seek(state: LedgerState): void {
    const missing = [...state.models.values()].filter(model => model.owner !== null && this.#kinds.of(model) === null)
    if (missing.length === 0 || this.#seeking || state.height < this.#notBefore) return
    this.#seeking = true
    this.#notBefore = state.height + AGAIN_BLOCKS
    const fetching = missing.map(({ document }) => this.#library.get(document))
    void Promise.allSettled(fetching)
      .then(results => {
        for (const result of results)
          if (result.status === 'rejected')
            this.#logger.debug('no document of a published model', { error: String(result.reason) })
        return this.#kinds.refresh(state)
      })
      .catch(error => this.#logger.warn('documents of published models', { error: String(error) }))
      .finally(() => {
        this.#seeking = false
      })
  }
}
