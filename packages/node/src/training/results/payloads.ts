import type { Hash } from '@hydraai/core'
import type { Model, Reveal } from '@hydraai/ledger'
import type { Compute } from '../../compute/compute.ts'
import type { Library } from '../../library.ts'
import type { Logger } from '../../ports.ts'
import type { Documents } from '../documents.ts'

/** A payload that is here: how long its update is, or that it cannot be read. */
export type HeldPayload = { readonly norm: number | null }

/** The payloads of the updates that are revealed, fetched as soon as the chain names them. */
export class Payloads {
  readonly #parts: { compute: Compute; library: Library; documents: Documents; logger: Logger }
  /** Null while a payload is on its way. */
  readonly #held = new Map<Hash, HeldPayload | null>()

  constructor(parts: { compute: Compute; library: Library; documents: Documents; logger: Logger }) {
    this.#parts = parts
  }

  /** Null while it is not here. */
  held(payload: Hash): HeldPayload | null {
    return this.#held.get(payload) ?? null
  }

  /** Fetches these that are not here, and forgets all others. What did not come is asked for again the next time. */
  seek(wanted: readonly { readonly subject: Model; readonly reveal: Reveal }[]): void {
    const named = new Set(wanted.map(({ reveal }) => reveal.payload))
    for (const id of this.#held.keys()) if (!named.has(id)) this.#held.delete(id)
    for (const { subject, reveal } of wanted) if (!this.#held.has(reveal.payload)) void this.#fetch(subject, reveal)
  }

  async #fetch(subject: Model, { payload: id, payloadBytes }: Reveal): Promise<void> {
    const { compute, library, documents, logger } = this.#parts
    const { document, recipe } = subject
    this.#held.set(id, null)
    try {
      const [payload] = await Promise.all([library.get(id, { maxBytes: payloadBytes }), documents.ready(subject)])
      // Its reveal may have claimed another size, which is for its verifiers to say; nobody can decode it otherwise.
      const norm = payload.length === payloadBytes ? await compute.norm({ document, recipe, payload }) : null
      if (this.#held.has(id)) this.#held.set(id, { norm })
    } catch (error) {
      logger.debug('a payload is not here yet', { id, error: String(error) })
      this.#held.delete(id)
    }
  }
}
