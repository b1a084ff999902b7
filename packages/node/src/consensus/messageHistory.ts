import { equalBytes } from '@hydraai/core'

/** Messages by key, newest last; the oldest go when together they outgrow `maxBytes` or are more than `maxCount`. */
export class MessageHistory {
  readonly #maxBytes: number
  readonly #maxCount: number
  readonly #messages = new Map<string, Uint8Array>()
  #bytes = 0

  constructor({ maxBytes, maxCount }: { maxBytes: number; maxCount: number }) {
    this.#maxBytes = maxBytes
    this.#maxCount = maxCount
  }

  has(key: string): boolean {
    return this.#messages.has(key)
  }

  /** Whether the message under `key` is this very one. */
  holds(key: string, data: Uint8Array): boolean {
    const known = this.#messages.get(key)
    return known !== undefined && equalBytes(known, data)
  }

  /** The first message under a key stays. */
  add(key: string, data: Uint8Array): void {
    if (this.#messages.has(key)) return
    this.#messages.set(key, data)
    this.#bytes += data.length
    for (const [oldest, { length }] of this.#messages) {
      const fits = this.#bytes <= this.#maxBytes && this.#messages.size <= this.#maxCount
      if (fits || oldest === key) break
      this.#messages.delete(oldest)
      this.#bytes -= length
    }
  }

  messages(): Uint8Array[] {
    return [...this.#messages.values()]
  }

  clear(): void {
    this.#messages.clear()
    this.#bytes = 0
  }
}
