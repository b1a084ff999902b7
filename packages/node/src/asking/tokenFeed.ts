/** Tokens on their way from the thread that makes them to the one who sends them: what waits goes together. */
export class TokenFeed implements AsyncIterable<readonly number[]> {
  readonly #most: number
  #waiting: number[] = []
  #end: { readonly error: unknown } | null = null
  #wake: () => void = () => {}

  /** At most `most` tokens go together. */
  constructor(most: number) {
    this.#most = most
  }

  push(tokens: readonly number[]): void {
    this.#waiting.push(...tokens)
    this.#wake()
  }

  end(error: unknown = null): void {
    this.#end ??= { error }
    this.#wake()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly number[]> {
    for (;;) {
      while (this.#waiting.length > 0) yield this.#waiting.splice(0, this.#most)
      if (this.#end !== null) {
        if (this.#end.error !== null) throw this.#end.error
        return
      }
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
  }
}
