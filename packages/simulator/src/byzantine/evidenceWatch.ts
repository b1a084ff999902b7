import type { SignedVote } from '@hydraai/consensus'
import type { Address } from '@hydraai/core'

/** Sightings that leave no excuse: one machine may have decided just when the second vote came. */
const SIGHTINGS = 2

/** Who voted twice under the eyes of an honest machine that was at that very height: its evidence must come to a slash. */
export class EvidenceWatch {
  /** What each machine heard of each validator at a step, while at that height. */
  readonly #first = new Map<string, string>()
  readonly #caught = new Map<string, { readonly validator: Address; readonly height: number }>()

  /** The honest machine `id`, voting on `height`, hears a vote. */
  hear(id: string, height: number, vote: SignedVote): void {
    if (vote.height !== height) return
    const key = `${id} ${vote.validator} ${height} ${vote.round} ${vote.type}`
    const value = vote.valueId ?? 'nil'
    const first = this.#first.get(key)
    if (first === undefined) this.#first.set(key, value)
    else if (first !== value) this.#caught.set(key, { validator: vote.validator, height })
  }

  /** Who was seen often enough in blocks after `from` and up to `to`. */
  caughtBetween(from: number, to: number): Address[] {
    const counts = new Map<Address, number>()
    for (const { validator, height } of this.#caught.values())
      if (height > from && height <= to) counts.set(validator, (counts.get(validator) ?? 0) + 1)
    return [...counts].filter(([, count]) => count >= SIGHTINGS).map(([validator]) => validator)
  }
}
