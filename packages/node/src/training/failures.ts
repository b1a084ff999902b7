/** Blocks after which a model whose unit failed is tried again, doubled with every failure up to a bound. */
const RETRY_BLOCKS = 3
const MAX_RETRY_BLOCKS = 192

interface Failure {
  readonly until: number
  readonly wait: number
}

/** Models whose units failed. What was missing may come, so each is tried again, and less and less often. */
export class Failures {
  readonly #failures = new Map<string, Failure>()

  /** Blocks to wait from `height` on. */
  add(model: string, height: number): number {
    const wait = Math.min(MAX_RETRY_BLOCKS, 2 * (this.#failures.get(model)?.wait ?? RETRY_BLOCKS / 2))
    this.#failures.set(model, { until: height + wait, wait })
    return wait
  }

  clear(model: string): void {
    this.#failures.delete(model)
  }

  waits(model: string, height: number): boolean {
    return height < (this.#failures.get(model)?.until ?? 0)
  }
}
