import { type Address, type Hash, hash } from '@hydraai/core'
import { LedgerError } from '../errors.ts'
import { replaceUpdate, requireSettling, requireUpdate } from '../rounds/round.ts'
import type { TransactionContext } from './context.ts'
import { updateRefFields } from './updateRef.ts'

/** Binds a drawn verifier to what it found, before anybody can see what others found or the trainer claims. */
export interface VerdictOnUnit {
  readonly type: 'verdict'
  readonly model: string
  readonly round: number
  readonly trainer: Address
  readonly unit: number
  /** verdictDigest({verifier, salt, findings}) */
  readonly digest: Hash
}

export const verdictFields = { ...updateRefFields, digest: hash }

export function applyVerdict({ draft, sender, transaction }: TransactionContext, action: VerdictOnUnit): void {
  const { model, trainer, unit, digest } = action
  const round = requireSettling(draft, model, action.round, 'verify')
  const update = requireUpdate(round, trainer, unit)
  if (!update.verifiers.some(verifier => verifier.address === sender)) {
    throw new LedgerError('NOT_DRAWN', `${sender} was not drawn to verify unit ${unit} of ${trainer}`)
  }
  if (update.verdicts.some(verdict => verdict.verifier === sender)) {
    throw new LedgerError('ALREADY_DONE', `${sender} has given its verdict on unit ${unit} of ${trainer} already`)
  }
  const verdicts = [...update.verdicts, { verifier: sender, digest, transaction, findings: null, challenge: null }]
  draft.settling.set(model, replaceUpdate(round, { ...update, verdicts }))
  const { verdictsGiven } = draft.account(sender)
  draft.updateAccount(sender, { verdictsGiven: verdictsGiven + 1, lastActive: draft.block.height })
  draft.events.push({ type: 'verdict', transaction, account: sender, model, round: round.number, trainer, unit })
}
