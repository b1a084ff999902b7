import type { Draft } from '../state/draft.ts'
import type { Round } from '../state/types.ts'
import { settleRound } from './settlement.ts'
import { pendingOf } from './update.ts'

/** Once all claims and verdicts are open, or at the end of the phase, the round is settled. */
export function advanceDisclose(draft: Draft, round: Round): void {
  const isOpen = pendingOf(round).every(
    ({ claims, verdicts }) => claims !== null && verdicts.every(({ findings }) => findings !== null),
  )
  if (isOpen || draft.block.height >= round.phaseEndsAt) settleRound(draft, round)
}
