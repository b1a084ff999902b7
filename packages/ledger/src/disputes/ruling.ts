import { type Codec, type Hash, hash, type LightFindings, lightFindingsCodec, nullable, variant } from '@hydraai/core'
import { LedgerError } from '../errors.ts'
import type { Draft } from '../state/draft.ts'
import type { Question, UpdateRef } from '../state/types.ts'
import { updateRefFields } from '../transactions/updateRef.ts'

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
export function applyRuling(_draft: Draft, { trainer, unit }: Ruling): void {
  throw new LedgerError('DISPUTE_UNKNOWN', `there is no dispute about unit ${unit} of ${trainer}`)
}
