import { type Hash, ZERO_HASH } from '@hydraai/core'
import type { Dispute, LedgerState, Update } from '@hydraai/ledger'

/** Blocks after which content that the ledger names no longer is deleted: long enough for late peers to fetch it. */
export const CONTENT_LIFETIME_BLOCKS = 200

/** All that a state names by its hash: what a node must hold, or find, to do its part. */
export function contentNamedBy(state: LedgerState): Set<Hash> {
  const named = new Set<Hash>()
  // Zeros name nothing: a model that is not founded has no parameters yet.
  const name = (...ids: (Hash | null)[]) => {
    for (const id of ids) if (id !== null && id !== ZERO_HASH) named.add(id)
  }
  for (const { document, data, tokenizer, lineage, parameters, momentum } of state.models.values())
    name(document, data, tokenizer, lineage, parameters, momentum)
  for (const rounds of [state.rounds, state.settling])
    for (const { base, updates } of rounds.values()) name(base, ...updates.flatMap(ofUpdate))
  for (const { residual } of state.residuals.values()) name(residual)
  for (const dispute of state.disputes.values()) name(dispute.base, ...ofUpdate(dispute.update), ...ofQuestion(dispute))
  return named
}

function ofUpdate({ residualBefore, reveal }: Update): (Hash | null)[] {
  return reveal === null ? [residualBefore] : [residualBefore, reveal.payload, reveal.residual]
}

/** States that a ruling needs. */
function ofQuestion({ question }: Dispute): (Hash | null)[] {
  if (question.type === 'seal') return [question.leaf]
  return question.type === 'step' ? [question.before] : []
}
