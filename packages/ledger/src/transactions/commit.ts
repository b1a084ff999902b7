import { type Hash, hash, uint } from '@hydraai/core'
import { splitFee } from '../economics/fees.ts'
import { burn } from '../economics/money.ts'
import { LedgerError } from '../errors.ts'
import { modelIdField } from '../genesis/modelId.ts'
import { insertUpdate, requirePhase, unitsOf } from '../rounds/round.ts'
import { residualOf } from '../state/residual.ts'
import type { TransactionContext } from './context.ts'

/** Binds a trainer to one finished unit before anybody can see it. */
export interface CommitUnit {
  readonly type: 'commit'
  readonly model: string
  readonly round: number
  /** The trainer's own count within the round: 0, 1, 2… */
  readonly unit: number
  /** commitmentOf({trainer, payload, traceRoot, residual}) */
  readonly commitment: Hash
  /** sealOf({lossBefore, lossAfter, keysRoot}) */
  readonly seal: Hash
}

export const commitFields = {
  model: modelIdField,
  round: uint,
  unit: uint,
  commitment: hash,
  seal: hash,
}

export function applyCommit({ draft, sender, transaction }: TransactionContext, action: CommitUnit): void {
  const { model, unit, commitment, seal } = action
  const round = requirePhase(draft, model, action.round, 'work')
  const account = draft.account(sender)
  if (!account.registered && account.stake === 0n) {
    throw new LedgerError('NOT_REGISTERED', `${sender} must register before it can train`)
  }
  const next = unitsOf(round, sender)
  const { maxUnitsPerRound } = draft.model(model).recipe
  if (unit >= maxUnitsPerRound || unit !== next) {
    throw new LedgerError(
      'UNIT_REFUSED',
      `unit ${unit} of ${sender} is refused: ${next} are committed of at most ${maxUnitsPerRound}, and they come in order`,
    )
  }
  const { fromCredit, fromBalance } = splitFee(account, draft.block.parameters.fees.update)
  draft.updateAccount(sender, { feeCredit: account.feeCredit - fromCredit, lastActive: draft.block.height })
  burn(draft, sender, fromBalance)
  const residualBefore = residualOf(draft, model, round.number, sender, unit)
  const committed = { trainer: sender, unit, transaction, commitment, seal, residualBefore }
  draft.rounds.set(model, insertUpdate(round, committed))
  draft.events.push({ type: 'fee', transaction, account: sender, amount: fromBalance, credit: fromCredit })
  draft.events.push({ type: 'commit', transaction, account: sender, model, round: round.number, unit })
}
