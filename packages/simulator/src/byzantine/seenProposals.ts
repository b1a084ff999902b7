import type { Hash } from '@hydraai/core'
import type { Incoming, Outgoing } from '../actor.ts'
import { proposalOf } from './messages.ts'

const MAX_ROUNDS = 64

/** Which values were proposed in which round, as far as an actor's machine heard. */
export class SeenProposals {
  readonly #values = new Map<string, Hash[]>()

  note(message: Incoming | Outgoing): void {
    const said = proposalOf(message)
    if (said === null) return
    const { height, round, valueId } = said.proposal
    const key = `${height} ${round}`
    const known = this.#values.get(key) ?? []
    if (!known.includes(valueId)) this.#values.set(key, [...known, valueId])
    const [oldest] = this.#values.keys()
    if (this.#values.size > MAX_ROUNDS && oldest !== undefined) this.#values.delete(oldest)
  }

  /** In the order in which they came. */
  of(height: number, round: number): readonly Hash[] {
    return this.#values.get(`${height} ${round}`) ?? []
  }
}
