import { type Address, MAX_SECTIONS, uintMax } from '@hydraai/core'
import { ask, requireDispute } from '../disputes/dispute.ts'
import { upholding } from '../disputes/judge.ts'
import { takeTurn } from '../disputes/ruling.ts'
import { afterDenial } from '../disputes/stretch.ts'
import { LedgerError } from '../errors.ts'
import type { TransactionContext } from './context.ts'
import { updateRefFields } from './updateRef.ts'

/** A trainer names the first of its challenger's states that it denies. */
export interface PickState {
  readonly type: 'pick'
  readonly model: string
  readonly round: number
  readonly trainer: Address
  readonly unit: number
  /** Into the question's `hashes`. */
  readonly index: number
}

export const pickFields = { ...updateRefFields, index: uintMax(MAX_SECTIONS - 1) }

export function applyPick({ draft, sender }: TransactionContext, action: PickState): void {
  const dispute = requireDispute(draft, action)
  const { question } = dispute
  if (question.type !== 'pick' || sender !== action.trainer) {
    throw new LedgerError('MOVE_REFUSED', `${sender} is not asked for a state of unit ${action.unit}`)
  }
  const { hashes, challenger } = question
  if (action.index >= hashes.length) {
    throw new LedgerError('MOVE_REFUSED', `state ${action.index} is none of the ${hashes.length} that were shown`)
  }
  draft.updateAccount(sender, { lastActive: draft.block.height })
  const following = afterDenial(question, action.index)
  if (following !== null) ask(draft, dispute, following)
  else takeTurn(draft, dispute, upholding(draft.model(dispute.model).recipe, dispute, challenger))
}
