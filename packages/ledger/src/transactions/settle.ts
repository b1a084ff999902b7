import { type Address, address, type Hash, hash, replayKeyHashOf, uint } from '@hydraai/core'
import { LedgerError } from '../errors.ts'
import { modelIdField } from '../genesis/modelId.ts'
import { replaceUpdate, requirePhase, requireUpdate } from '../rounds/round.ts'
import type { TransactionContext } from './context.ts'

/** Shows the replay key of a unit, which tells verdicts that came from replaying it from those that did not. */
export interface SettleUnit {
  readonly type: 'settle'
  readonly model: string
  readonly round: number
  readonly trainer: Address
  readonly unit: number
  readonly replayKey: Hash
}

export const settleFields = { model: modelIdField, round: uint, trainer: address, unit: uint, replayKey: hash }

export function applySettle({ draft, sender, transaction }: TransactionContext, action: SettleUnit): void {
  const { model, trainer, unit, replayKey } = action
  const round = requirePhase(draft, model, action.round, 'settle')
  if (!draft.account(sender).registered) throw new LedgerError('NOT_REGISTERED', `${sender} must register first`)
  const update = requireUpdate(round, trainer, unit)
  if (update.outcome !== 'pending' || update.replayKey !== null) {
    throw new LedgerError('ALREADY_DONE', `unit ${unit} of ${trainer} needs no replay key`)
  }
  if (replayKeyHashOf(replayKey) !== update.replayKeyHash) {
    throw new LedgerError('REPLAY_KEY_MISMATCH', `this is not the replay key of unit ${unit} of ${trainer}`)
  }
  draft.rounds.set(model, replaceUpdate(round, { ...update, replayKey }))
  draft.updateAccount(sender, { lastActive: draft.block.height })
  const place = { model, round: round.number, trainer, unit }
  draft.events.push({ type: 'settle', transaction, account: sender, ...place })
}
