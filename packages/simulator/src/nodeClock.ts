import type { Clock } from '@hydraai/core'

/** A node's view of the world's clock, with its own error. Goes silent when the process it belongs to dies. */
export class NodeClock implements Clock {
  readonly #world: Clock
  readonly #skewMs: number
  #dead = false

  constructor(world: Clock, skewMs: number) {
    this.#world = world
    this.#skewMs = skewMs
  }

  now(): number {
    return this.#world.now() + this.#skewMs
  }

  after(ms: number, run: () => void): () => void {
    return this.#world.after(ms, () => {
      if (!this.#dead) run()
    })
  }

  kill(): void {
    this.#dead = true
  }
}
