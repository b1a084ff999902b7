/** What a frame counts for at least, so that empty ones are bounded too. */
const FRAME_COST_BYTES = 64

/** What a frame takes of the bytes that a whole stream may have. */
export function frameCost(frame: Uint8Array): number {
  return Math.max(FRAME_COST_BYTES, frame.length)
}

/**
 * Frames between what receives them and the one who reads. Who fills it bounds what it may hold; who reads may stop at any
 * time (`break` in a `for await`), which `onReturn` is told of once.
 */
export class FrameQueue implements AsyncIterableIterator<Uint8Array> {
  readonly #onReturn: () => void
  readonly #frames: Uint8Array[] = []
  readonly #readers: PromiseWithResolvers<IteratorResult<Uint8Array>>[] = []
  #end: { readonly error: unknown } | null = null

  constructor(onReturn: () => void) {
    this.#onReturn = onReturn
  }

  /** Whether nothing more will come. */
  get ended(): boolean {
    return this.#end !== null
  }

  push(frame: Uint8Array): void {
    if (this.#end !== null) return
    const reader = this.#readers.shift()
    if (reader) reader.resolve({ done: false, value: frame })
    else this.#frames.push(frame)
  }

  /** Nothing more comes. What was pushed can still be read; then reading ends, or throws `error` once if there is one. */
  end(error: unknown = null): void {
    if (this.#end !== null) return
    this.#end = { error }
    if (this.#readers.length === 0) return
    const [first, ...others] = this.#readers.splice(0)
    this.#settleLast(first!)
    for (const reader of others) reader.resolve({ done: true, value: undefined })
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    const reader = Promise.withResolvers<IteratorResult<Uint8Array>>()
    const frame = this.#frames.shift()
    if (frame !== undefined) reader.resolve({ done: false, value: frame })
    else if (this.#end !== null) this.#settleLast(reader)
    else this.#readers.push(reader)
    return reader.promise
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    this.#frames.length = 0
    if (this.#end === null) {
      this.end()
      this.#onReturn()
    } else this.#end = { error: null }
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #settleLast(reader: PromiseWithResolvers<IteratorResult<Uint8Array>>): void {
    const error = this.#end?.error ?? null
    this.#end = { error: null }
    if (error === null) reader.resolve({ done: true, value: undefined })
    else reader.reject(error)
  }
}
