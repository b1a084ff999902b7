import { type Codec, variant } from '@hydraai/core'
import { applyCommit, type CommitUnit, commitFields } from './commit.ts'
import type { TransactionContext } from './context.ts'
import { applyDisclose, type DiscloseVerdict, discloseFields } from './disclose.ts'
import { applyEvidence, evidenceFields, type ReportEvidence } from './evidence.ts'
import { applyNarrow, type NarrowDispute, narrowFields } from './narrow.ts'
import { applyOpen, type OpenUnit, openFields } from './open.ts'
import { applyPick, type PickState, pickFields } from './pick.ts'
import { applyPresence, type Presence, presenceFields } from './presence.ts'
import { applyPublish, type Publish, publishFields } from './publish.ts'
import { applyQuery, type Query, queryFields } from './query.ts'
import { applyRegister, type Register, registerFields } from './register.ts'
import { applyReveal, type RevealUnit, revealFields } from './reveal.ts'
import { applyStake, type Stake, stakeFields } from './stake.ts'
import { applyTransfer, type Transfer, transferFields } from './transfer.ts'
import { applyUnstake, type Unstake, unstakeFields } from './unstake.ts'
import { applyVerdict, type VerdictOnUnit, verdictFields } from './verdict.ts'

/** What a transaction asks for. */
export type Action =
  | Transfer
  | Register
  | Stake
  | CommitUnit
  | RevealUnit
  | VerdictOnUnit
  | OpenUnit
  | DiscloseVerdict
  | PickState
  | NarrowDispute
  | ReportEvidence
  | Publish
  | Query
  | Unstake
  | Presence

export const actionCodec: Codec<Action> = variant({
  transfer: transferFields,
  register: registerFields,
  stake: stakeFields,
  commit: commitFields,
  reveal: revealFields,
  verdict: verdictFields,
  open: openFields,
  disclose: discloseFields,
  pick: pickFields,
  narrow: narrowFields,
  evidence: evidenceFields,
  publish: publishFields,
  query: queryFields,
  unstake: unstakeFields,
  presence: presenceFields,
})

/** Carries out an action on the context's draft. May throw half way: run it inside `Draft.attempt`. */
export function applyAction(context: TransactionContext, action: Action): void {
  switch (action.type) {
    case 'transfer':
      applyTransfer(context, action)
      break
    case 'register':
      applyRegister(context, action)
      break
    case 'stake':
      applyStake(context, action)
      break
    case 'commit':
      applyCommit(context, action)
      break
    case 'reveal':
      applyReveal(context, action)
      break
    case 'verdict':
      applyVerdict(context, action)
      break
    case 'open':
      applyOpen(context, action)
      break
    case 'disclose':
      applyDisclose(context, action)
      break
    case 'pick':
      applyPick(context, action)
      break
    case 'narrow':
      applyNarrow(context, action)
      break
    case 'evidence':
      applyEvidence(context, action)
      break
    case 'publish':
      applyPublish(context, action)
      break
    case 'query':
      applyQuery(context, action)
      break
    case 'unstake':
      applyUnstake(context, action)
      break
    case 'presence':
      applyPresence(context)
      break
  }
}
