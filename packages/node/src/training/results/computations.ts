import { HydraError } from '@hydraai/core'

/** What may go better at the next block; anything else comes of the inputs themselves and will be the same again. */
const PASSING = new Set(['CONTENT_UNAVAILABLE', 'COMPUTE_CLOSED', 'COMPUTE_FAILED', 'COMPUTE_DOCUMENT_MISSING'])

interface Entry<T> {
  readonly promise: Promise<T>
  result: T | null
}

/**
 * Computations by their inputs: each is begun once and its result kept. One that failed is begun again when it is asked for
 * again, unless it would fail again: what was missing may have come.
 */
export class Computations<T> {
  readonly #entries = new Map<string, Entry<T>>()
  readonly #kept: number

  constructor(kept: number) {
    this.#kept = kept
  }

  /** The result, or null while it is not there. */
  result(key: string): T | null {
    return this.#entries.get(key)?.result ?? null
  }

  of(key: string, compute: () => Promise<T>): Promise<T> {
    const known = this.#entries.get(key)
    if (known) return known.promise
    const entry: Entry<T> = { promise: compute(), result: null }
    entry.promise.then(
      result => {
        entry.result = result
      },
      error => {
        if (isPassing(error) && this.#entries.get(key) === entry) this.#entries.delete(key)
      },
    )
    this.#entries.set(key, entry)
    const [oldest] = this.#entries.keys()
    if (this.#entries.size > this.#kept && oldest !== undefined) this.#entries.delete(oldest)
    return entry.promise
  }
}

/** Whether a computation that failed like this may succeed later. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof HydraError)) return true
  return PASSING.has(error.code) || /^(STORAGE|BLOB|CONTENT|NETWORK|REQUEST|PEER)_/.test(error.code)
}
