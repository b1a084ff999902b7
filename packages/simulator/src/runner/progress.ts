import type { Tally } from './tally.ts'

/** Least time between two pictures of it. */
const REFRESH_MS = 200

/** One line that says how far it is, rewritten in place; nothing where there is no terminal. */
export class Progress {
  readonly #stream: NodeJS.WriteStream | null
  readonly #total: number
  readonly #started = Date.now()
  #shownAt = 0

  constructor(stream: NodeJS.WriteStream | null, total: number) {
    this.#stream = stream?.isTTY ? stream : null
    this.#total = total
  }

  show(tally: Tally): void {
    const now = Date.now()
    if (this.#stream === null || now - this.#shownAt < REFRESH_MS) return
    this.#shownAt = now
    const leftS = Math.ceil((((now - this.#started) / Math.max(1, tally.seeds)) * (this.#total - tally.seeds)) / 1_000)
    const violations = tally.failures.length === 0 ? '' : `, ${tally.failures.length} VIOLATIONS`
    const hours = tally.simulatedHours.toFixed(2)
    this.#stream.write(
      `\r\x1b[K${tally.seeds} of ${this.#total} seeds, ${hours} simulated hours${violations}, ${leftS} s left`,
    )
  }

  clear(): void {
    this.#stream?.write('\r\x1b[K')
  }
}
