import type { Address } from '@hydraai/core'
import { type LedgerEvent, type LedgerState, stepsOfSegment } from '@hydraai/ledger'
import { Violation } from '../violation.ts'

/** Sections of a stretch that a move tells of. */
const SECTIONS = 32
/** More challengers than an update has verifiers. */
const MAX_CHALLENGERS = 8

/** How the units of a world ended, for whoever wants to know how many there were. */
export interface WorkTally {
  accepted: number
  expired: number
  refuted: number
  /** Disputes that were opened, whatever came of them. */
  disputed: number
}

/**
 * Watches what becomes of work: no unit of an honest trainer is ever refuted, no honest verifier ever loses stake for what
 * it found, and every dispute ends in time.
 */
export class WorkWatch {
  readonly tally: WorkTally = { accepted: 0, expired: 0, refuted: 0, disputed: 0 }
  readonly #isHonest: (address: Address) => boolean

  constructor(isHonest: (address: Address) => boolean) {
    this.#isHonest = isHonest
  }

  /** After a block. @throws Violation */
  follow(events: readonly LedgerEvent[], state: LedgerState): void {
    for (const event of events) {
      if (event.type === 'update') this.#ended(event)
      if ((event.type === 'unit-slash' || event.type === 'verdict-slash') && this.#isHonest(event.account)) {
        const { type, account, round, unit } = event
        throw new Violation(
          'honest-work',
          `${account} is honest and was punished (${type}: unit ${unit}, round ${round})`,
        )
      }
    }
    for (const [key, { openedAt, model }] of state.disputes) {
      const limit = openedAt + disputeLimit(state, model)
      if (state.height > limit)
        throw new Violation('disputes', `the dispute ${key} of block ${openedAt} goes on after block ${limit}`)
    }
  }

  #ended({ outcome, trainer, round, unit }: Extract<LedgerEvent, { type: 'update' }>): void {
    const { tally } = this
    if (outcome === 'refuted' && this.#isHonest(trainer))
      throw new Violation('honest-work', `${trainer} is honest and its unit ${unit} of round ${round} was refuted`)
    if (outcome !== 'pending') tally[outcome]++
  }
}

/** Blocks within which a dispute about a unit of the model is over, whoever is silent: one question after the other. */
export function disputeLimit({ parameters, models }: LedgerState, model: string): number {
  const { moveBlocks, rulingBlocks } = parameters.disputes
  const recipe = models.get(model)?.recipe
  if (!recipe) return rulingBlocks
  let moves = 1
  const { from, to } = stepsOfSegment(recipe, 0)
  for (let left = to - from; left > 1; left = Math.ceil(left / SECTIONS)) moves++
  const challenge = 2 * moves * moveBlocks + 2 * rulingBlocks
  return rulingBlocks + MAX_CHALLENGERS * challenge
}
