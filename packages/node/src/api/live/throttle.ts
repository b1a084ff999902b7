/** Calls `run` soon after a call of `touch`, however often that comes, at most once in `everyMs` and never twice at once. */
export class Throttle {
  readonly #everyMs: number
  readonly #run: () => Promise<void>
  #timer: NodeJS.Timeout | undefined
  #last = Number.NEGATIVE_INFINITY
  #running = false
  #again = false
  #stopped = false

  constructor(everyMs: number, run: () => Promise<void>) {
    this.#everyMs = everyMs
    this.#run = run
  }

  touch(): void {
    if (this.#stopped || this.#timer) return
    if (this.#running) {
      this.#again = true
      return
    }
    const wait = Math.max(0, this.#last + this.#everyMs - performance.now())
    this.#timer = setTimeout(() => void this.#fire(), wait).unref()
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }

  async #fire(): Promise<void> {
    this.#timer = undefined
    this.#last = performance.now()
    this.#running = true
    try {
      await this.#run()
    } finally {
      this.#running = false
      if (this.#again) {
        this.#again = false
        this.touch()
      }
    }
  }
}
