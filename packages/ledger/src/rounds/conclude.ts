import { type Micro, segmentsOf } from '@hydraai/core'
import { mint } from '../economics/money.ts'
import { changeReputation, UNIT_ACCEPTED, UNIT_UNAVAILABLE, VERIFIER_SILENT } from '../economics/reputation.ts'
import type { JudgedVerdict, UnitRef } from '../events.ts'
import { shareOf } from '../models/reward.ts'
import type { Draft } from '../state/draft.ts'
import type { Dispute, Outcome, Update } from '../state/types.ts'
import { isOpen, type OpenVerdict, type ReplayRule, segmentsDue } from './findings.ts'
import { unitRefOf } from './update.ts'

/**
 * Gives an update its outcome: pays the trainer of an accepted one and every verdict that stood, changes reputations, and
 * tells the whole story as an event. Called when its round settles, and once more when a dispute about it ends.
 * @param place where the update was committed
 * @param judgements of everyone drawn, in order of address
 */
export function concludeUpdate(
  draft: Draft,
  place: Pick<Dispute, 'model' | 'round' | 'heldOutLoss'>,
  update: Update,
  outcome: Outcome,
  judgements: readonly JudgedVerdict[],
): Update {
  const ref = unitRefOf(place.model, place.round, update)
  const rule = { all: segmentsOf(draft.model(place.model).recipe), heldOutLoss: place.heldOutLoss }
  const reward = outcome === 'accepted' ? payTrainer(draft, ref, update) : 0n
  for (const { verifier, judgement } of judgements) {
    if (judgement !== 'stood') continue
    payVerdict(draft, ref, update, update.verdicts.filter(isOpen).find(one => one.verifier === verifier)!, rule)
  }
  if (update.outcome === 'pending') marks(draft, update, outcome, judgements)
  draft.events.push({
    type: 'update',
    ...ref,
    trainer: update.trainer,
    outcome,
    lossBefore: update.claims?.lossBefore ?? null,
    lossAfter: update.claims?.lossAfter ?? null,
    planted: update.claims?.planted ?? false,
    bytes: update.reveal?.payloadBytes ?? 0,
    audit: auditOf(update, rule.all),
    verdicts: judgements,
    reward,
  })
  return { ...update, outcome }
}

function payTrainer(draft: Draft, ref: UnitRef, { trainer }: Update): Micro {
  const { rewards } = draft.block.parameters
  const amount = shareOf(rewards.unit, draft.model(ref.model).rewardPpm)
  mint(draft, trainer, amount)
  const { unitsVerified } = draft.account(trainer)
  draft.updateAccount(trainer, { unitsVerified: unitsVerified + 1, lastWorked: draft.block.height })
  draft.events.push({ type: 'unit-reward', account: trainer, amount, ...ref })
  changeReputation(draft, trainer, UNIT_ACCEPTED)
  return amount
}

/** A replay is paid by its share of the unit, but no more of it than was due. */
function payVerdict(draft: Draft, ref: UnitRef, update: Update, verdict: OpenVerdict, rule: ReplayRule): void {
  const { rewards } = draft.block.parameters
  const { rewardPpm } = draft.model(ref.model)
  const { verifier: account, transaction } = verdict
  const about = { trainer: update.trainer, ...ref, transaction }
  const amount = shareOf(rewards.verdict, rewardPpm)
  mint(draft, account, amount)
  draft.updateAccount(account, { lastWorked: draft.block.height })
  draft.events.push({ type: 'verdict-reward', account, amount, ...about })
  const segments = Math.min(verdict.findings.replay?.segments ?? 0, segmentsDue(update, verdict, rule))
  if (segments === 0) return
  const forReplay = shareOf((rewards.replay * BigInt(segments)) / BigInt(rule.all), rewardPpm)
  mint(draft, account, forReplay)
  draft.events.push({ type: 'replay-reward', account, amount: forReplay, segments, ...about })
}

/**
 * Small marks against who was away. Of an update that expired, a drawn verifier may never have been given the payload, or
 * what its replay begins with; so there only who sealed findings and kept them to itself gets one.
 */
function marks(draft: Draft, update: Update, outcome: Outcome, judgements: readonly JudgedVerdict[]): void {
  if (outcome === 'expired' && update.reveal !== null) changeReputation(draft, update.trainer, UNIT_UNAVAILABLE)
  for (const { verifier, judgement } of judgements) {
    const keptBack = update.verdicts.some(verdict => verdict.verifier === verifier && !isOpen(verdict))
    if (judgement === 'silent' && (keptBack || outcome !== 'expired'))
      changeReputation(draft, verifier, VERIFIER_SILENT)
  }
}

function auditOf({ verifiers }: Update, of: number): { auditors: number; segments: number; of: number } | null {
  const auditors = verifiers.filter(({ segments }) => segments > 0)
  if (auditors.length === 0) return null
  return { auditors: auditors.length, segments: Math.max(...auditors.map(({ segments }) => segments)), of }
}
