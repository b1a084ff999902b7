import { type Evaluation, evaluationCodec, type Hash, hash, uint, ZERO_HASH } from '@hydraai/core'
import { LedgerError } from '../errors.ts'
import { isEvaluation } from '../genesis/genesis.ts'
import { modelIdField } from '../genesis/modelId.ts'
import { FOUNDING_ROUND } from '../models/founding.ts'
import type { Draft } from '../state/draft.ts'
import type { Model } from '../state/types.ts'
import { closeSettling } from './base.ts'
import { openNextRound, requirePhase, requireSettling } from './round.ts'

/**
 * A model's parameters after a round, as a proposer computed them. The ledger cannot check the hashes; every validator
 * computes them too and votes nil on a block whose hashes are others.
 */
export interface ModelUpdate {
  readonly model: string
  readonly round: number
  readonly parameters: Hash
  readonly momentum: Hash
  readonly evaluation: Evaluation
}

export const modelUpdateFields = {
  model: modelIdField,
  round: uint,
  parameters: hash,
  momentum: hash,
  evaluation: evaluationCodec,
}

/** Gives the model its next version, which closes the round that settled; or a published one its first, and opens round 1. */
export function applyModelUpdate(draft: Draft, update: ModelUpdate): void {
  const { parameters, momentum, evaluation } = update
  const founding = update.round === FOUNDING_ROUND
  const require = founding ? requirePhase : requireSettling
  const round = require(draft, update.model, update.round, 'aggregate')
  const model = draft.model(update.model)
  checkUpdate(model, update, founding)
  const version = founding ? model.version : model.version + 1
  draft.models.set(model.id, { ...model, parameters, momentum, evaluation, version })
  const updates = round.updates.filter(entry => entry.outcome === 'accepted').length
  draft.events.push({ type: 'model', model: model.id, round: round.number, version, parameters, evaluation, updates })
  if (founding) openNextRound(draft, round, parameters)
  else closeSettling(draft, round)
}

function checkUpdate(model: Model, { parameters, momentum, evaluation }: ModelUpdate, founding: boolean): void {
  // The held-out part never changes, so neither does its size, which the founding is the first to know.
  const total = founding ? Math.max(1, evaluation.total) : model.evaluation.total
  if (!isEvaluation(evaluation) || evaluation.total !== total) {
    throw new LedgerError('MODEL_UPDATE_REFUSED', `the evaluation of ${model.id} makes no sense`)
  }
  // Zeros are how the chain says that there are none yet.
  if (parameters === ZERO_HASH || momentum === ZERO_HASH) {
    throw new LedgerError('MODEL_UPDATE_REFUSED', `the update of ${model.id} brings no parameters`)
  }
}
