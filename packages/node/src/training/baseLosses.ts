import type { Findings } from '@hydraai/core'
import type { CheckJob } from '../compute/compute.ts'

/** Rounds whose numbers are kept. */
const KEPT = 16

interface Losses {
  readonly lossBefore: number
  readonly freshBefore: number
}

/** What a round's base loses on both probes: the same for all of its updates, so the first check finds it for the others. */
export class BaseLosses {
  readonly #known = new Map<string, Losses>()

  /** Nothing while they are not known. */
  of(job: CheckJob): Losses | Record<string, never> {
    return this.#known.get(keyOf(job)) ?? {}
  }

  learn(job: CheckJob, { fault, lossBefore, freshBefore }: Findings): void {
    if (fault !== null) return
    this.#known.set(keyOf(job), { lossBefore, freshBefore })
    const [oldest] = this.#known.keys()
    if (this.#known.size > KEPT && oldest !== undefined) this.#known.delete(oldest)
  }
}

function keyOf({ id, drawBeacon }: CheckJob): string {
  return `${id.model}/${id.round}/${id.beacon}/${drawBeacon}`
}
