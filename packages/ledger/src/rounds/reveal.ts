import type { Draft } from '../state/draft.ts'
import type { Round } from '../state/types.ts'
import { concludeUpdate } from './conclude.ts'
import { enterPhase } from './round.ts'
import { isRevealed } from './update.ts'

/** What is not revealed in time expires. */
export function advanceReveal(draft: Draft, round: Round): void {
  const { height, parameters } = draft.block
  if (height < round.phaseEndsAt && !round.updates.every(isRevealed)) return
  const place = { ...round, round: round.number }
  const updates = round.updates.map(update =>
    isRevealed(update) ? update : concludeUpdate(draft, place, update, 'expired', []),
  )
  enterPhase(draft, { ...round, updates, phase: 'base', phaseEndsAt: height + parameters.phases.base })
}
