import type { Reporter } from './reporter.ts'

const EVERY_MS = 1_000

/** Tells about work that takes long, and keeps quiet about work that does not. */
export class ProgressPace {
  readonly #doing: 'export' | 'import'
  readonly #total: number
  readonly #reporter: Reporter
  readonly #startedAt = Date.now()
  #toldAt = Date.now()

  constructor(doing: 'export' | 'import', total: number, reporter: Reporter) {
    this.#doing = doing
    this.#total = total
    this.#reporter = reporter
  }

  at(height: number): void {
    const now = Date.now()
    if (now - this.#toldAt < EVERY_MS) return
    this.#toldAt = now
    const seconds = (now - this.#startedAt) / 1000
    this.#reporter.chainProgress({ doing: this.#doing, height, total: this.#total, seconds })
  }
}
