import { type Evaluation, formatAmount } from '@hydraai/core'
import { modelDocumentOfBytes } from '@hydraai/engine'
import { type Model, type Round, shareOf } from '@hydraai/ledger'
import { BlobStore } from '@hydraai/storage'
import type { HydraNode } from '../../node.ts'
import type { LedgerIndex } from '../history/ledgerIndex.ts'
import type { ModelAnswer, ModelRow } from '../http/schemas.ts'
import { jsonOf } from './json.ts'
import { lossOf } from './words.ts'

/** Versions given, newest ones; a curve needs no more. */
const MAX_VERSIONS = 2_000

export function modelRows(node: HydraNode): ModelRow[] {
  const { models, rounds } = node.state
  return [...models.values()].flatMap(model => {
    const round = rounds.get(model.id)
    return round ? [modelRow(node, model, round)] : []
  })
}

/** Undefined for an id that the chain does not know. */
export async function modelAnswer(node: HydraNode, index: LedgerIndex, id: string): Promise<ModelAnswer | undefined> {
  const { state } = node
  const model = state.models.get(id)
  const round = state.rounds.get(id)
  if (!model || !round) return undefined
  const [document, versions] = await Promise.all([localDocument(node, model), index.versions(id, MAX_VERSIONS)])
  return {
    ...modelRow(node, model, round),
    document,
    documentId: model.document,
    data: model.data,
    recipe: jsonOf(model.recipe) as Record<string, unknown>,
    history: versions.map(({ evaluation, ...point }) => {
      const { accuracy, loss } = scoreOf(evaluation)
      return { ...point, accuracy, loss }
    }),
  }
}

function modelRow(node: HydraNode, model: Model, round: Round): ModelRow {
  const { id, version, parameters, parameterCount, evaluation, owner, tokenizer, lineage, registeredAt } = model
  const { number, phase, phaseEndsAt, updates } = round
  const settling = node.state.settling.get(id)
  return {
    id,
    version,
    round: number,
    phase,
    phaseEndsAt,
    updates: updates.length,
    settling: settling
      ? {
          round: settling.number,
          phase: settling.phase,
          phaseEndsAt: settling.phaseEndsAt,
          updates: settling.updates.length,
        }
      : null,
    parameters,
    parameterCount,
    evaluation: { ...scoreOf(evaluation), correct: evaluation.correct, total: evaluation.total },
    kind: node.kinds.of(model),
    tokenizer,
    lineage,
    owner,
    ownerName: owner && node.nameOf(owner),
    registeredAt,
    reward: formatAmount(shareOf(node.state.parameters.rewards.unit, model.rewardPpm)),
  }
}

function scoreOf({ correct, total, lossBits }: Evaluation): { accuracy: number; loss: number | null } {
  // A model that is not founded has been scored on nothing.
  return { accuracy: total === 0 ? 0 : correct / total, loss: total === 0 ? null : lossOf(lossBits) }
}

/** A page must not make the node fetch from its peers: what is not here yet is not shown yet. */
async function localDocument({ ports }: HydraNode, { document }: Model): Promise<Record<string, unknown> | null> {
  const bytes = await new BlobStore(ports.storage.db).get(document)
  return bytes ? (jsonOf(modelDocumentOfBytes(bytes)) as Record<string, unknown>) : null
}
