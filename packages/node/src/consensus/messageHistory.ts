/** Messages by key, newest last; the oldest go when together they outgrow `maxBytes`. */
export class MessageHistory {
  readonly #maxBytes: number
  readonly #messages = new Map<string, Uint8Array>()
  #bytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  has(key: string): boolean {
    return this.#messages.has(key)
  }

  /** The first message under a key stays. */
  add(key: string, data: Uint8Array): void {
    if (this.#messages.has(key)) return
    this.#messages.set(key, data)
    this.#bytes += data.length
    for (const [oldest, { length }] of this.#messages) {
      if (this.#bytes <= this.#maxBytes || oldest === key) break
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
