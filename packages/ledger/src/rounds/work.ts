import type { Draft } from '../state/draft.ts'
import type { Round } from '../state/types.ts'
import { enterPhase } from './round.ts'

/**
 * Work ends when nobody who trained in the round before is still at it, but not before its least length; at its limit in
 * any case. It goes on block by block until somebody has committed something.
 */
export function advanceWork(draft: Draft, round: Round): void {
  const { height, parameters } = draft.block
  const isLate = height >= round.phaseEndsAt
  if (!isLate && !everyoneWorked(draft, round)) return
  if (round.updates.length === 0) draft.rounds.set(round.model, { ...round, phaseEndsAt: height + 1 })
  else enterPhase(draft, { ...round, phase: 'reveal', phaseEndsAt: height + parameters.phases.reveal })
}

function everyoneWorked(draft: Draft, { openedAt, expected, updates }: Round): boolean {
  const { height, parameters } = draft.block
  if (height < openedAt + parameters.phases.work || updates.length === 0) return false
  const trainers = new Set(updates.map(update => update.trainer))
  return expected.every(trainer => trainers.has(trainer))
}
