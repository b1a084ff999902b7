import type { Draft } from '../state/draft.ts'
import type { Round } from '../state/types.ts'
import { enterPhase, openNextRound } from './round.ts'

/**
 * Work ends when nobody who trained in the round before is still at it, but not before its least length; at its limit in
 * any case. It goes on block by block until somebody has committed something.
 */
export function advanceWork(draft: Draft, round: Round): void {
  const { height, parameters } = draft.block
  const isLate = height >= round.phaseEndsAt
  if (!isLate && !everyoneWorked(draft, round)) return
  if (round.updates.length > 0)
    enterPhase(draft, { ...round, phase: 'reveal', phaseEndsAt: height + parameters.phases.reveal })
  else if (isAstray(draft, round)) openNextRound(draft, round, draft.model(round.model).parameters)
  else draft.rounds.set(round.model, { ...round, phaseEndsAt: height + 1 })
}

/** Nobody trained from a base that the model has not become: perhaps nobody can, and what spoilt it was refuted since. */
function isAstray(draft: Draft, { model, base }: Round): boolean {
  return draft.settling.get(model) === undefined && base !== draft.model(model).parameters
}

function everyoneWorked(draft: Draft, { openedAt, expected, updates }: Round): boolean {
  const { height, parameters } = draft.block
  if (height < openedAt + parameters.phases.work || updates.length === 0) return false
  const trainers = new Set(updates.map(update => update.trainer))
  return expected.every(trainer => trainers.has(trainer))
}
