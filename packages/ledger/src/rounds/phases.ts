import { dropModel, FOUNDING_ROUND } from '../models/founding.ts'
import type { Draft } from '../state/draft.ts'
import type { Round } from '../state/types.ts'
import { advanceBase, closeSettling } from './base.ts'
import { advanceDisclose } from './disclose.ts'
import { advanceReveal } from './reveal.ts'
import { advanceVerify } from './verify.ts'
import { advanceWork } from './work.ts'

/**
 * At the end of a block, takes a model's open round and then the one that settles behind it one phase further, where a
 * phase is over: at most one change of each in a block.
 */
export function advanceRounds(draft: Draft, model: string): void {
  advance(draft, draft.round(model))
  const settling = draft.settling.get(model)
  if (settling !== undefined) advance(draft, settling)
}

function advance(draft: Draft, round: Round): void {
  switch (round.phase) {
    case 'work':
      advanceWork(draft, round)
      break
    case 'reveal':
      advanceReveal(draft, round)
      break
    case 'base':
      advanceBase(draft, round)
      break
    case 'verify':
      advanceVerify(draft, round)
      break
    case 'disclose':
      advanceDisclose(draft, round)
      break
    case 'aggregate':
      advanceAggregate(draft, round)
      break
  }
}

/**
 * Ends with the block that brings the new model (see aggregate.ts). Should every holder of an accepted update have lost
 * it, the model goes on from where it was rather than never again. What never was founded has nothing to go on from.
 */
function advanceAggregate(draft: Draft, round: Round): void {
  if (draft.block.height < round.phaseEndsAt) return
  if (round.number === FOUNDING_ROUND) dropModel(draft, round)
  else closeSettling(draft, round)
}
