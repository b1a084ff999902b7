import type { Address } from '@hydraai/core'
import { boundOf } from '../economics/slashing.ts'
import { LedgerError } from '../errors.ts'
import { unitRefOf } from '../rounds/update.ts'
import { disputeKey } from '../state/disputeKey.ts'
import type { Draft } from '../state/draft.ts'
import type { Dispute, Question, Round, Update, UpdateRef } from '../state/types.ts'
import { challengersAfter, firstQuestion } from './challenges.ts'
import { hasLightContradiction } from './contradiction.ts'
import { endRefuted, endUnrefuted } from './ending.ts'
import { afterSilence } from './stretch.ts'

/**
 * Puts the first question about an update whose findings contradict each other. Its outcome is `disputed` already. What needs
 * no replay comes first; then each challenger, until one is upheld or all have been heard.
 */
export function openDispute(draft: Draft, round: Round, update: Update): void {
  const { model, number, beacon, drawBeacon, base, heldOutLoss } = round
  const dispute: Dispute = {
    ...{ model, round: number, beacon, drawBeacon: drawBeacon!, base, heldOutLoss, update },
    openedAt: draft.block.height,
    question: { type: 'findings' },
    until: draft.block.height,
    ...{ wrong: [], lapsed: false, upheld: null },
  }
  if (hasLightContradiction(update)) ask(draft, dispute, dispute.question)
  else hearNext(draft, dispute, null)
}

/** At the end of a block: what follows where nobody answered in time. */
export function advanceDisputes(draft: Draft): void {
  const late: Dispute[] = []
  for (const [, dispute] of draft.disputes.entries()) if (draft.block.height >= dispute.until) late.push(dispute)
  for (const dispute of late) {
    const { question } = dispute
    if (question.type === 'pick' || question.type === 'narrow') ask(draft, dispute, afterSilence(question))
    else lapse(draft, dispute)
  }
}

/** Nobody could tell, so nobody is punished, and the next challenger is heard: else a sham could stand before the others. */
function lapse(draft: Draft, dispute: Dispute): void {
  const { question, upheld } = dispute
  if (upheld !== null) endRefuted(draft, dispute, { type: 'trace', judged: false })
  else hearNext(draft, { ...dispute, lapsed: true }, question.type === 'findings' ? null : question.challenger)
}

/** Goes on with the first challenger after `heard`; when there is none any more, nothing has refuted the update. */
export function hearNext(draft: Draft, dispute: Dispute, heard: Address | null): void {
  const { recipe } = draft.model(dispute.model)
  // Who has nothing left to lose is not heard: it lost it by false findings.
  const { minimumStake } = draft.block.parameters
  const next = challengersAfter(dispute, heard).find(({ verifier }) => boundOf(draft, verifier) >= minimumStake)
  if (next === undefined) endUnrefuted(draft, dispute)
  else ask(draft, dispute, firstQuestion(recipe, dispute.update, next))
}

/** Puts a question, to be answered until a height. */
export function ask(draft: Draft, dispute: Dispute, question: Question): void {
  const { height, parameters } = draft.block
  const { moveBlocks, rulingBlocks } = parameters.disputes
  const until = height + (question.type === 'pick' || question.type === 'narrow' ? moveBlocks : rulingBlocks)
  const { model, round, update } = dispute
  const { trainer, unit } = update
  draft.disputes.set(disputeKey({ model, round, trainer, unit }), { ...dispute, question, until })
  const challenger = question.type === 'findings' ? null : question.challenger
  const ref = unitRefOf(model, round, update)
  draft.events.push({ type: 'dispute', trainer, question: question.type, challenger, until, ...ref })
}

/** @throws LedgerError DISPUTE_UNKNOWN */
export function requireDispute(draft: Draft, ref: UpdateRef): Dispute {
  const dispute = draft.disputes.get(disputeKey(ref))
  if (dispute === undefined) {
    throw new LedgerError(
      'DISPUTE_UNKNOWN',
      `there is no dispute about unit ${ref.unit} of ${ref.trainer} in round ${ref.round} of ${ref.model}`,
    )
  }
  return dispute
}
