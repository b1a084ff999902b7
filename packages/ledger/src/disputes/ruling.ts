import { type Codec, type Hash, hash, type LightFindings, lightFindingsCodec, nullable, variant } from '@hydraai/core'
import { unitRefOf } from '../rounds/update.ts'
import type { Draft } from '../state/draft.ts'
import type { Dispute, Question, UpdateRef } from '../state/types.ts'
import { updateRefFields } from '../transactions/updateRef.ts'
import { ask, hearNext, requireDispute } from './dispute.ts'
import { convict, endRefuted } from './ending.ts'
import { judge, type Turn } from './judge.ts'

/** A question that all validators can answer. */
export type RulingQuestion = Extract<Question, { type: 'findings' | 'seal' | 'key' | 'step' }>

/** The truth, of the same type as the question. */
export type RulingAnswer =
  | { readonly type: 'findings'; readonly findings: LightFindings }
  /** Null: the step comes to nothing finite. */
  | { readonly type: 'step'; readonly after: Hash | null }
  | { readonly type: 'seal'; readonly payload: Hash; readonly residual: Hash | null }
  | { readonly type: 'key'; readonly key: Hash }

/** What all validators found to be the answer to a dispute's question. */
export interface Ruling extends UpdateRef {
  readonly answer: RulingAnswer
}

const answerCodec: Codec<RulingAnswer> = variant({
  findings: { findings: lightFindingsCodec },
  step: { after: nullable(hash) },
  seal: { payload: hash, residual: nullable(hash) },
  key: { key: hash },
})

export const rulingFields = { ...updateRefFields, answer: answerCodec }

/** Takes a dispute on by the answer to its question. @throws LedgerError DISPUTE_UNKNOWN, RULING_REFUSED */
export function applyRuling(draft: Draft, ruling: Ruling): void {
  const dispute = requireDispute(draft, ruling)
  const { question, update } = dispute
  const { wrong, turn } = judge(draft.model(dispute.model).recipe, dispute, ruling.answer)
  const ref = unitRefOf(dispute.model, dispute.round, update)
  draft.events.push({ type: 'ruling', trainer: update.trainer, question: question.type, wrong, ...ref })
  const wronged = turn.type === 'next' ? update.trainer : null
  takeTurn(draft, convict(draft, dispute, wrong, wronged), turn)
}

/** Carries out what a ruling, or a party's own move, has led to. */
export function takeTurn(draft: Draft, dispute: Dispute, turn: Turn): void {
  if (turn.type === 'next') hearNext(draft, { ...dispute, upheld: null }, turn.heard)
  else if (turn.type === 'whole') ask(draft, { ...dispute, upheld: turn.question.challenger }, turn.question)
  else endRefuted(draft, { ...dispute, upheld: turn.upheld }, turn.refutation)
}
