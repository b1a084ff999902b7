import type { Address, Hash } from '@hydraai/core'
import { LedgerError } from '../errors.ts'
import type { ChainParameters } from '../genesis/parameters.ts'
import { FOUNDING_ROUND } from '../models/founding.ts'
import type { Draft } from '../state/draft.ts'
import { compareKeys } from '../state/sortedTable.ts'
import type { Phase, Round, Update } from '../state/types.ts'

/** A round as it opens at the end of block `height`. */
export function newRound(opening: {
  model: string
  number: number
  height: number
  beacon: Hash
  parameters: ChainParameters
  /** In ascending order. */
  expected: readonly Address[]
}): Round {
  const { model, number, height, beacon, parameters, expected } = opening
  return {
    model,
    number,
    openedAt: height,
    phase: 'work',
    phaseEndsAt: height + parameters.phases.workLimit,
    beacon,
    expected,
    updates: [],
  }
}

/** Puts a model's next round in the place of the one that closes with this block. */
export function openNextRound(draft: Draft, closing: Round): void {
  const { height, beacon, parameters, founders } = draft.block
  const { model, updates } = closing
  const revealed = updates.filter(update => update.reveal !== null).map(update => update.trainer)
  const expected = closing.number === FOUNDING_ROUND ? founders : [...new Set(revealed)].sort(compareKeys)
  enterPhase(draft, newRound({ model, number: closing.number + 1, height, beacon, parameters, expected }))
}

/** Stores a round that has just come into its phase, and says so. */
export function enterPhase(draft: Draft, round: Round): void {
  const { model, number, phase, phaseEndsAt } = round
  draft.rounds.set(model, round)
  draft.events.push({ type: 'phase', model, round: number, phase, endsAt: phaseEndsAt })
}

/** The model's open round, if it is that round and in that phase. @throws LedgerError MODEL_UNKNOWN, ROUND_NOT_CURRENT, PHASE_WRONG */
export function requirePhase(draft: Draft, model: string, number: number, phase: Phase): Round {
  const round = draft.round(model)
  if (round.number !== number) {
    throw new LedgerError(
      'ROUND_NOT_CURRENT',
      `round ${number} of ${model} is not open: it is at round ${round.number}`,
    )
  }
  if (round.phase !== phase) {
    throw new LedgerError('PHASE_WRONG', `round ${number} of ${model} is in phase ${round.phase}, not ${phase}`)
  }
  return round
}

/** The update of (trainer, unit). @throws LedgerError UPDATE_UNKNOWN */
export function requireUpdate(round: Round, trainer: Address, unit: number): Update {
  const update = round.updates[positionOf(round, trainer, unit)]
  if (update?.trainer !== trainer || update.unit !== unit) {
    throw new LedgerError(
      'UPDATE_UNKNOWN',
      `${trainer} committed no unit ${unit} in round ${round.number} of ${round.model}`,
    )
  }
  return update
}

/** How many units a trainer has committed in the round. They are numbered 0, 1, 2… without gaps. */
export function unitsOf(round: Round, trainer: Address): number {
  let count = 0
  for (let at = positionOf(round, trainer, 0); round.updates[at]?.trainer === trainer; at++) count++
  return count
}

/** The round with one more update in its place, with nothing but its commitment. */
export function insertUpdate(
  round: Round,
  claims: Pick<
    Update,
    'trainer' | 'unit' | 'transaction' | 'commitment' | 'lossBefore' | 'lossAfter' | 'replayKeyHash'
  >,
): Round {
  const update: Update = {
    ...claims,
    reveal: null,
    verifiers: [],
    trainerWeight: 0n,
    verdicts: [],
    replayKey: null,
    outcome: 'pending',
  }
  const at = positionOf(round, claims.trainer, claims.unit)
  return { ...round, updates: round.updates.toSpliced(at, 0, update) }
}

/** The round with `update` in the place of the one with the same trainer and unit. */
export function replaceUpdate(round: Round, update: Update): Round {
  return { ...round, updates: round.updates.with(positionOf(round, update.trainer, update.unit), update) }
}

export function compareUpdates(a: Pick<Update, 'trainer' | 'unit'>, b: Pick<Update, 'trainer' | 'unit'>): number {
  return compareKeys(a.trainer, b.trainer) || a.unit - b.unit
}

/** Index of the first update that is not before (trainer, unit). */
function positionOf(round: Round, trainer: Address, unit: number): number {
  let low = 0
  let high = round.updates.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (compareUpdates(round.updates[middle]!, { trainer, unit }) < 0) low = middle + 1
    else high = middle
  }
  return low
}
