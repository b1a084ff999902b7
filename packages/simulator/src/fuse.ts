/** What a process does to the world: each is a moment at which it may die. */
export const EFFECTS = ['write', 'send', 'timer', 'any'] as const
export type Effect = (typeof EFFECTS)[number]

/** Before the effect, in the midst of it (a write is under way), or after it and before the process knows. */
export const MOMENTS = ['before', 'amid', 'after'] as const
export type Moment = (typeof MOMENTS)[number]

/** Ends a process at its k-th effect. */
export interface Fuse {
  readonly effect: Effect
  /** Effects from now on, 1 for the next. */
  readonly count: number
  readonly moment: Moment
}

/** Counts the effects of one process; tells at which moment of this one it dies, if it does. */
export class FuseBox {
  #fuse: Fuse | null = null
  #left = 0

  arm(fuse: Fuse): void {
    this.#fuse = fuse
    this.#left = fuse.count
  }

  disarm(): void {
    this.#fuse = null
  }

  strike(effect: Exclude<Effect, 'any'>): Moment | null {
    const fuse = this.#fuse
    if (fuse === null || (fuse.effect !== 'any' && fuse.effect !== effect)) return null
    if (--this.#left > 0) return null
    this.#fuse = null
    return fuse.moment
  }
}
