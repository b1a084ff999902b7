/**
 * How long units of each model take here, as the last one shows. A machine that was slow once must not be taken for slow
 * for ever: with every round that goes by because of it, half of it is believed.
 */
export class UnitTimes {
  readonly #last = new Map<string, { ms: number; passedRound: number }>()

  took(model: string, ms: number): void {
    this.#last.set(model, { ms, passedRound: 0 })
  }

  /** Whether a unit begun now is done within `leftMs`. What was never done is tried. */
  fits(model: string, leftMs: number): boolean {
    return (this.#last.get(model)?.ms ?? 0) < leftMs
  }

  /** The round goes by without a unit, which would take too long. */
  passed(model: string, round: number): void {
    const last = this.#last.get(model)
    if (last === undefined || last.passedRound >= round) return
    this.#last.set(model, { ms: last.passedRound === 0 ? last.ms : last.ms / 2, passedRound: round })
  }
}
