import { type Committee, type Evidence, evidenceCodec, makeCommittee, verifyEvidence } from '@hydraai/consensus'
import { LedgerError } from '../errors.ts'
import type { Draft } from '../state/draft.ts'
import type { TransactionContext } from './context.ts'

/** Proof that a validator signed two different votes for one step. It costs the validator its whole stake. */
export interface ReportEvidence {
  readonly type: 'evidence'
  readonly evidence: Evidence
}

export const evidenceFields = { evidence: evidenceCodec }

export function applyEvidence({ draft, sender, transaction }: TransactionContext, { evidence }: ReportEvidence): void {
  const { chainId, height, parameters } = draft.block
  const at = evidence.a.height
  if (at < 1 || at > height || at + parameters.unbondingBlocks < height) {
    throw new LedgerError('EVIDENCE_REFUSED', `evidence of height ${at} is too old or of a height that never was`)
  }
  const unslashed = draft.block.founders.filter(founder => !draft.account(founder).slashed)
  // Slashed once, a validator has nothing more to lose, so a second proof changes nothing and is refused.
  if (!unslashed.includes(evidence.a.validator)) {
    throw new LedgerError('EVIDENCE_REFUSED', `${evidence.a.validator} is no validator, or was slashed already`)
  }
  if (unslashed.length === 1) {
    throw new LedgerError(
      'EVIDENCE_REFUSED',
      'the last validator cannot be slashed: nobody would be left to make blocks',
    )
  }
  const validator = verifyEvidence(chainId, committeeOfKeys(draft, unslashed), evidence)
  const { stake } = draft.account(validator)
  draft.burnt += stake
  draft.updateAccount(validator, { stake: 0n, slashed: true, reputation: 0 })
  draft.events.push({ type: 'slash', transaction, account: validator, amount: stake, height: at, reporter: sender })
}

/** The keys that can have voted. What power each had at the height does not matter to whether it voted twice. */
function committeeOfKeys(draft: Draft, founders: TransactionContext['sender'][]): Committee {
  return makeCommittee(founders.map(address => ({ address, publicKey: draft.account(address).publicKey!, power: 1 })))
}
