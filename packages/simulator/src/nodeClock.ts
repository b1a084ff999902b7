import type { Clock } from '@hydraai/core'

export interface NodeClockParts {
  readonly world: Clock
  /** How far the machine's clock is from the world's, now. */
  readonly offsetMs: () => number
  /** Called when a timer is due, with what the timer does; may do it, or end the process before or after. */
  readonly onTimer?: (run: () => void) => void
}

/**
 * A process's view of the world's clock, with its machine's error. Timers count time as it passes, whatever the clock
 * says. Goes silent when the process dies; stands still while it is paused.
 */
export class NodeClock implements Clock {
  readonly #parts: NodeClockParts
  #dead = false
  /** What became due while the process stood still; null while it runs. */
  #waiting: (() => void)[] | null = null

  constructor(parts: NodeClockParts) {
    this.#parts = parts
  }

  now(): number {
    return this.#parts.world.now() + this.#parts.offsetMs()
  }

  after(ms: number, run: () => void): () => void {
    if (this.#dead) return () => {}
    const { world, onTimer } = this.#parts
    let due: (() => void) | null = run
    const fire = () => {
      if (this.#dead || due === null) return
      if (this.#waiting !== null) {
        this.#waiting.push(fire)
        return
      }
      const now = due
      due = null
      if (onTimer) onTimer(now)
      else now()
    }
    const cancel = world.after(ms, fire)
    return () => {
      due = null
      cancel()
    }
  }

  kill(): void {
    this.#dead = true
  }

  pause(): void {
    this.#waiting ??= []
  }

  /** What became due meanwhile runs now, one after the other, in the order in which it became due. */
  resume(): void {
    const waiting = this.#waiting ?? []
    this.#waiting = null
    for (const fire of waiting) this.#parts.world.after(0, fire)
  }
}
