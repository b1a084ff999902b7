import type { Clock } from '@hydraai/core'

interface Event {
  at: number
  order: number
  run: () => void
}

/** A clock that goes only when told to: events in order of time, then of arrival. */
export class VirtualClock implements Clock {
  #now: number
  #order = 0
  readonly #events: Event[] = []

  constructor(start = 1_700_000_000_000) {
    this.#now = start
  }

  now(): number {
    return this.#now
  }

  after(ms: number, run: () => void): () => void {
    const event = { at: this.#now + Math.max(0, ms), order: this.#order++, run }
    this.#events.push(event)
    return () => {
      const i = this.#events.indexOf(event)
      if (i >= 0) this.#events.splice(i, 1)
    }
  }

  /** Runs the next event and all promises that follow from it; false if there is none. */
  async step(): Promise<boolean> {
    await settled()
    const next = this.#events.reduce<Event | null>((a, b) => (a === null || isBefore(b, a) ? b : a), null)
    if (next === null) return false
    this.#events.splice(this.#events.indexOf(next), 1)
    this.#now = next.at
    next.run()
    await settled()
    return true
  }

  /** Lets this much time pass. */
  async advance(ms: number): Promise<void> {
    let due = false
    this.after(ms, () => {
      due = true
    })
    while (!due) await this.step()
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}

/** After the promises that are ready now, and those that become ready by them. */
function settled(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}
