/** What an attacker did against the protocol, in order, and whether it was caught at it. */
export class Acts {
  readonly #caught = new Map<string, boolean | null>()

  /** One more act; the name is that of what it was done to, such as a unit. */
  did(name: string): void {
    if (!this.#caught.has(name)) this.#caught.set(name, null)
  }

  /** How an act ended; nothing for what was no act. A later word replaces an earlier one: disputes end late. */
  ended(name: string, caught: boolean): void {
    if (this.#caught.has(name)) this.#caught.set(name, caught)
  }

  has(name: string): boolean {
    return this.#caught.has(name)
  }

  /** Acts whose end is known. */
  get judged(): number {
    return [...this.#caught.values()].filter(caught => caught !== null).length
  }

  /** Which of the acts that were judged was the first to be caught, counted from 1; null when none was. */
  get firstCaught(): number | null {
    const judged = [...this.#caught.values()].filter(caught => caught !== null)
    const index = judged.indexOf(true)
    return index < 0 ? null : index + 1
  }

  get caught(): number {
    return [...this.#caught.values()].filter(caught => caught === true).length
  }
}
