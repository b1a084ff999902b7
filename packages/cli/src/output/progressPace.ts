import type { ChainProgress, Reporter } from './reporter.ts'

const EVERY_MS = 1_000

/** Tells about work that takes long, and keeps quiet about work that does not. */
export class ProgressPace {
  readonly #doing: ChainProgress['doing']
  readonly #total: number
  readonly #reporter: Reporter
  readonly #startedAt = Date.now()
  /** The height before the first that this work was told about: what is left is reckoned from there. */
  #from: number | null = null
  #toldAt = Date.now()

  constructor(doing: ChainProgress['doing'], total: number, reporter: Reporter) {
    this.#doing = doing
    this.#total = total
    this.#reporter = reporter
  }

  at(height: number): void {
    this.#from ??= height - 1
    const now = Date.now()
    if (now - this.#toldAt < EVERY_MS) return
    this.#toldAt = now
    const seconds = (now - this.#startedAt) / 1000
    const done = height - this.#from
    this.#reporter.chainProgress({ doing: this.#doing, height, done, total: this.#total, seconds })
  }
}
