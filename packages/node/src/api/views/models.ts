import type { Evaluation } from '@hydraai/core'
import { modelDocumentOfBytes } from '@hydraai/engine'
import type { LedgerState, Model, Round } from '@hydraai/ledger'
import { BlobStore } from '@hydraai/storage'
import type { HydraNode } from '../../node.ts'
import { unitLabel } from '../../training/labels.ts'
import type { LedgerIndex } from '../history/ledgerIndex.ts'
import type { ModelAnswer, ModelRow } from '../http/schemas.ts'
import { jsonOf } from './json.ts'
import { lossOf, type NameOf } from './words.ts'

/** Versions given, newest ones; a curve needs no more. */
const MAX_VERSIONS = 2_000

export function modelRows(state: LedgerState): ModelRow[] {
  return [...state.models.values()].flatMap(model => {
    const round = state.rounds.get(model.id)
    return round ? [modelRow(model, round)] : []
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
    ...modelRow(model, round),
    document,
    documentId: model.document,
    data: model.data,
    recipe: jsonOf(model.recipe) as Record<string, unknown>,
    history: versions.map(({ evaluation, ...point }) => {
      const { accuracy, loss } = scoreOf(evaluation)
      return { ...point, accuracy, loss }
    }),
    updates: updateRows(round, address => node.nameOf(address)),
  }
}

function modelRow({ id, version, parameters, parameterCount, evaluation }: Model, round: Round): ModelRow {
  const { number, phase, phaseEndsAt } = round
  return {
    id,
    version,
    round: number,
    phase,
    phaseEndsAt,
    parameters,
    parameterCount,
    evaluation: { ...scoreOf(evaluation), correct: evaluation.correct, total: evaluation.total },
  }
}

function scoreOf({ correct, total, lossBits }: Evaluation): { accuracy: number; loss: number | null } {
  return { accuracy: total === 0 ? 0 : correct / total, loss: lossOf(lossBits) }
}

function updateRows({ model, number: round, beacon, updates }: Round, nameOf: NameOf): ModelAnswer['updates'] {
  return updates.map(({ trainer, unit, lossBefore, lossAfter, reveal, outcome, verifiers, verdicts }) => ({
    trainer,
    trainerName: nameOf(trainer),
    unit,
    label: unitLabel({ beacon, model, round, unit, trainer }),
    lossBefore: lossOf(lossBefore),
    lossAfter: lossOf(lossAfter),
    phase: reveal ? 'revealed' : 'committed',
    outcome,
    verifiers: verifiers.length,
    verdicts: verdicts.map(({ verifier, valid }) => ({ verifier, verifierName: nameOf(verifier), valid })),
  }))
}

/** A page must not make the node fetch from its peers: what is not here yet is not shown yet. */
async function localDocument({ ports }: HydraNode, { document }: Model): Promise<Record<string, unknown> | null> {
  const bytes = await new BlobStore(ports.storage.db).get(document)
  return bytes ? (jsonOf(modelDocumentOfBytes(bytes)) as Record<string, unknown>) : null
}
