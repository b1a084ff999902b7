import { type Address, type Findings, findingsCodec, type Hash, hash, nullable, verdictDigest } from '@hydraai/core'
import { LedgerError } from '../errors.ts'
import { checkChallenge } from '../rounds/challenge.ts'
import { replaceUpdate, requireSettling, requireUpdate } from '../rounds/round.ts'
import { challengeCodec } from '../state/codec.ts'
import type { Challenge, Update, Verdict } from '../state/types.ts'
import type { TransactionContext } from './context.ts'
import { updateRefFields } from './updateRef.ts'

/** Shows what a verdict's digest was made of. */
export interface DiscloseVerdict {
  readonly type: 'disclose'
  readonly model: string
  readonly round: number
  readonly trainer: Address
  readonly unit: number
  readonly findings: Findings
  readonly salt: Hash
  /** With a mismatch, and only then. */
  readonly challenge: Challenge | null
}

export const discloseFields = {
  ...updateRefFields,
  findings: findingsCodec,
  salt: hash,
  challenge: nullable(challengeCodec),
}

export function applyDisclose({ draft, sender, transaction }: TransactionContext, action: DiscloseVerdict): void {
  const { model, trainer, unit, findings, salt, challenge } = action
  const round = requireSettling(draft, model, action.round, 'disclose')
  const update = requireUpdate(round, trainer, unit)
  const verdict = requireSecret(update, sender)
  if (verdictDigest({ verifier: sender, salt, findings }) !== verdict.digest) {
    throw new LedgerError('DIGEST_MISMATCH', `the verdict of ${sender} on unit ${unit} of ${trainer} was another`)
  }
  checkChallenge(draft.model(model).recipe, update, findings, challenge)
  const verdicts = update.verdicts.with(update.verdicts.indexOf(verdict), { ...verdict, findings, challenge })
  draft.settling.set(model, replaceUpdate(round, { ...update, verdicts }))
  draft.updateAccount(sender, { lastActive: draft.block.height })
  draft.events.push({ type: 'disclose', transaction, account: sender, model, round: round.number, trainer, unit })
}

/** The sender's verdict, not disclosed yet. */
function requireSecret({ trainer, unit, outcome, verdicts }: Update, sender: Address): Verdict {
  const verdict = verdicts.find(({ verifier }) => verifier === sender)
  if (verdict === undefined)
    throw new LedgerError('NOT_DRAWN', `${sender} gave no verdict on unit ${unit} of ${trainer}`)
  if (outcome !== 'pending' || verdict.findings !== null)
    throw new LedgerError(
      'ALREADY_DONE',
      `nothing is to disclose of the verdict of ${sender} on unit ${unit} of ${trainer}`,
    )
  return verdict
}
