import { type Address, type Hash, sectionsOf } from '@hydraai/core'
import { ask, requireDispute } from '../disputes/dispute.ts'
import { afterShowing } from '../disputes/stretch.ts'
import { LedgerError } from '../errors.ts'
import { sectionHashes } from '../state/codec.ts'
import type { TransactionContext } from './context.ts'
import { updateRefFields } from './updateRef.ts'

/** A challenger shows its states on the stretch that the trainer denied. */
export interface NarrowDispute {
  readonly type: 'narrow'
  readonly model: string
  readonly round: number
  readonly trainer: Address
  readonly unit: number
  /** At `sectionsOf` the question's stretch. */
  readonly hashes: readonly Hash[]
}

export const narrowFields = { ...updateRefFields, hashes: sectionHashes }

export function applyNarrow({ draft, sender }: TransactionContext, action: NarrowDispute): void {
  const dispute = requireDispute(draft, action)
  const { question } = dispute
  if (question.type !== 'narrow' || sender !== question.challenger) {
    throw new LedgerError('MOVE_REFUSED', `${sender} is not asked for its states of unit ${action.unit}`)
  }
  const sections = sectionsOf(question.from, question.to).length
  if (action.hashes.length !== sections) {
    throw new LedgerError('MOVE_REFUSED', `${action.hashes.length} states are not one for each of ${sections} sections`)
  }
  if (action.hashes.at(-1) !== question.after) {
    throw new LedgerError('MOVE_REFUSED', 'the states do not come to the one that the trainer denied')
  }
  draft.updateAccount(sender, { lastActive: draft.block.height })
  ask(draft, dispute, afterShowing(question, action.hashes))
}
