import type { Address, Hash } from '@hydraai/core'
import { LedgerError } from '../errors.ts'
import type { ChainParameters } from '../genesis/parameters.ts'
import { FOUNDING_ROUND } from '../models/founding.ts'
import type { Draft } from '../state/draft.ts'
import { dropStaleResiduals } from '../state/residual.ts'
import { compareKeys } from '../state/sortedTable.ts'
import type { Phase, Round, Update } from '../state/types.ts'

/** A round as it opens at the end of block `height`. */
export function newRound(opening: {
  model: string
  number: number
  height: number
  beacon: Hash
  base: Hash
  parameters: ChainParameters
  /** In ascending order. */
  expected: readonly Address[]
}): Round {
  const { model, number, height, beacon, base, parameters, expected } = opening
  return {
    model,
    number,
    openedAt: height,
    phase: 'work',
    phaseEndsAt: height + parameters.phases.workLimit,
    beacon,
    base,
    drawBeacon: null,
    heldOutLoss: 0,
    expected,
    updates: [],
  }
}

/** Puts a model's next round in the place of the one that closes, or goes on to settle, with this block. */
export function openNextRound(draft: Draft, closing: Round, base: Hash): void {
  const { height, beacon, parameters, founders } = draft.block
  const { model, updates } = closing
  const number = closing.number + 1
  const expected = closing.number === FOUNDING_ROUND ? founders : whomToExpect(draft, updates)
  dropStaleResiduals(draft, model, number)
  enterPhase(draft, newRound({ model, number, height, beacon, base, parameters, expected }))
}

/**
 * Who revealed an update in the round before; not one without any reputation, unless nobody has some: an identity that
 * costs nothing could come and go, and keep every other round waiting to its limit.
 */
function whomToExpect(draft: Draft, updates: readonly Update[]): Address[] {
  const revealed = new Set(updates.filter(update => update.reveal !== null).map(update => update.trainer))
  const trainers = [...revealed].sort(compareKeys)
  const known = trainers.filter(trainer => draft.account(trainer).reputation > 0)
  return known.length > 0 ? known : trainers
}

/** Stores a round that has just come into its phase, and says so. */
export function enterPhase(draft: Draft, round: Round): void {
  const { model, number, phase, phaseEndsAt } = round
  const table = SETTLES.has(phase) && number !== FOUNDING_ROUND ? draft.settling : draft.rounds
  table.set(model, round)
  draft.events.push({ type: 'phase', model, round: number, phase, endsAt: phaseEndsAt })
}

/** Phases of a round behind which the next one is open already. */
const SETTLES: ReadonlySet<Phase> = new Set<Phase>(['verify', 'disclose', 'aggregate'])

/** The model's open round, if it is that round and in that phase. @throws LedgerError MODEL_UNKNOWN, ROUND_NOT_CURRENT, PHASE_WRONG */
export function requirePhase(draft: Draft, model: string, number: number, phase: Phase): Round {
  return checkedPhase(draft.round(model), number, phase)
}

/** The same for the round of a model that settles. @throws LedgerError MODEL_UNKNOWN, ROUND_NOT_CURRENT, PHASE_WRONG */
export function requireSettling(draft: Draft, model: string, number: number, phase: Phase): Round {
  draft.model(model)
  const round = draft.settling.get(model)
  if (round === undefined) throw new LedgerError('ROUND_NOT_CURRENT', `no round of ${model} is being settled`)
  return checkedPhase(round, number, phase)
}

function checkedPhase(round: Round, number: number, phase: Phase): Round {
  if (round.number !== number) {
    throw new LedgerError(
      'ROUND_NOT_CURRENT',
      `${round.model} is at its round ${round.number} there, not at round ${number}`,
    )
  }
  if (round.phase !== phase) {
    throw new LedgerError('PHASE_WRONG', `round ${number} of ${round.model} is in phase ${round.phase}, not ${phase}`)
  }
  return round
}

/** The last block of phase disclose in which only the trainer may open its unit. */
export function trainerOpensUntil({ phaseEndsAt }: Round, { phases }: ChainParameters): number {
  return phaseEndsAt - phases.disclose + 1
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
  committed: Pick<Update, 'trainer' | 'unit' | 'transaction' | 'commitment' | 'seal' | 'residualBefore'>,
): Round {
  const update: Update = {
    ...committed,
    reveal: null,
    included: false,
    verifiers: [],
    trainerWeight: 0n,
    exposure: 0n,
    verdicts: [],
    claims: null,
    outcome: 'pending',
  }
  const at = positionOf(round, committed.trainer, committed.unit)
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
