import { type Address, address, bool, type Hash, hash, uint } from '@hydraai/core'
import { LedgerError } from '../errors.ts'
import { modelIdField } from '../genesis/modelId.ts'
import { replaceUpdate, requirePhase, requireUpdate } from '../rounds/round.ts'
import type { TransactionContext } from './context.ts'

/** What a drawn verifier found when it ran a unit again. */
export interface VerdictOnUnit {
  readonly type: 'verdict'
  readonly model: string
  readonly round: number
  readonly trainer: Address
  readonly unit: number
  readonly valid: boolean
  /** verdictDigest({verifier, replayKey}); counts only with `valid`. */
  readonly digest: Hash
}

export const verdictFields = {
  model: modelIdField,
  round: uint,
  trainer: address,
  unit: uint,
  valid: bool,
  digest: hash,
}

export function applyVerdict({ draft, sender, transaction }: TransactionContext, action: VerdictOnUnit): void {
  const { model, trainer, unit, valid, digest } = action
  const round = requirePhase(draft, model, action.round, 'verify')
  const update = requireUpdate(round, trainer, unit)
  if (!update.verifiers.some(verifier => verifier.address === sender)) {
    throw new LedgerError('NOT_DRAWN', `${sender} was not drawn to verify unit ${unit} of ${trainer}`)
  }
  if (update.verdicts.some(verdict => verdict.verifier === sender)) {
    throw new LedgerError('ALREADY_DONE', `${sender} has given its verdict on unit ${unit} of ${trainer} already`)
  }
  const verdicts = [...update.verdicts, { verifier: sender, valid, digest, transaction }]
  draft.rounds.set(model, replaceUpdate(round, { ...update, verdicts }))
  const { verdictsGiven } = draft.account(sender)
  draft.updateAccount(sender, { verdictsGiven: verdictsGiven + 1, lastActive: draft.block.height })
  const place = { model, round: round.number, trainer, unit }
  draft.events.push({ type: 'verdict', transaction, account: sender, ...place, valid })
}
