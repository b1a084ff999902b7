import type { Hash } from '@hydraai/core'
import { type ModelDocument, modelDocumentOfBytes } from '@hydraai/engine'
import type { LedgerState, Model } from '@hydraai/ledger'
import type { Library } from '../library.ts'

/** What a model learns from. */
export type Kind = 'images' | 'table' | 'text'
/** Null while this node does not hold the model's document. */
export type KindOf = (model: Model) => Kind | null

/** A model takes tokens, images of [channels, height, width], or rows of numbers. */
export function kindOfDocument({ input, layers }: ModelDocument): Kind {
  if (layers[0]?.type === 'embedding') return 'text'
  return input.length === 3 ? 'images' : 'table'
}

/** The kinds of the chain's models, read from the documents that are stored here. Asks no peer. */
export class ModelKinds {
  readonly #library: Library
  readonly #kinds = new Map<Hash, Kind>()

  constructor(library: Library) {
    this.#library = library
  }

  readonly of: KindOf = ({ document }) => this.#kinds.get(document) ?? null

  /** Reads the documents that are new; forgets those that are gone. */
  async refresh(state: LedgerState): Promise<void> {
    const named = new Set([...state.models.values()].map(({ document }) => document))
    for (const id of this.#kinds.keys()) if (!named.has(id)) this.#kinds.delete(id)
    for (const id of named) {
      if (this.#kinds.has(id) || !(await this.#library.has(id))) continue
      this.#kinds.set(id, kindOfDocument(modelDocumentOfBytes(await this.#library.get(id))))
    }
  }
}
