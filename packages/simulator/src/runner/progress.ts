import type { Tally } from './tally.ts'

/** Least time between two pictures of it. */
const REFRESH_MS = 200

/** Seeds between two lines where there is no terminal. */
const LINE_EVERY = 100

/** One line that says how far it is, rewritten in place; where there is no terminal, a line now and then. */
export class Progress {
  readonly #stream: NodeJS.WriteStream | null
  readonly #total: number
  readonly #started = Date.now()
  #shownAt = 0

  constructor(stream: NodeJS.WriteStream | null, total: number) {
    this.#stream = stream
    this.#total = total
  }

  show(tally: Tally): void {
    const now = Date.now()
    if (this.#stream === null) return
    const { isTTY } = this.#stream
    if (isTTY ? now - this.#shownAt < REFRESH_MS : tally.seeds % LINE_EVERY !== 0) return
    this.#shownAt = now
    const leftS = Math.ceil((((now - this.#started) / Math.max(1, tally.seeds)) * (this.#total - tally.seeds)) / 1_000)
    const violations = tally.failures.length === 0 ? '' : `, ${tally.failures.length} VIOLATIONS`
    const hours = tally.simulatedHours.toFixed(2)
    const line = `${tally.seeds} of ${this.#total} seeds, ${hours} simulated hours${violations}, ${leftS} s left`
    this.#stream.write(isTTY ? `\r\x1b[K${line}` : `${line}\n`)
  }

  clear(): void {
    if (this.#stream?.isTTY) this.#stream.write('\r\x1b[K')
  }
}
