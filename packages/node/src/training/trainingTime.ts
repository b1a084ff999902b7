/** Off: paused, catching up, or a node that does not train. Idle: it would train, and there is nothing to be done. */
export type TrainingState = 'off' | 'idle' | 'training'

/** How long a node trained, and how long it would have trained and did not. Times are those of the node's clock, in ms. */
export class TrainingTime {
  readonly #spent = { off: 0, idle: 0, training: 0 }
  #state: TrainingState = 'off'
  #since = 0

  enter(state: TrainingState, at: number): void {
    this.#spent[this.#state] += Math.max(0, at - this.#since)
    this.#state = state
    this.#since = at
  }

  /** Up to `at`. */
  until(at: number): { readonly trainingMs: number; readonly idleMs: number } {
    this.enter(this.#state, at)
    return { trainingMs: this.#spent.training, idleMs: this.#spent.idle }
  }
}
