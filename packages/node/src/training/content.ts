import { type Hash, ZERO_HASH } from '@hydraai/core'
import type { LedgerState } from '@hydraai/ledger'

/** Blocks after which content that the ledger names no longer is deleted: long enough for late peers to fetch it. */
export const CONTENT_LIFETIME_BLOCKS = 200

/** All that a state names by its hash: what a node must hold, or find, to do its part. */
export function contentNamedBy(state: LedgerState): Set<Hash> {
  const named = new Set<Hash>()
  // Zeros name nothing: a model that is not founded has no parameters yet.
  for (const { document, data, tokenizer, lineage, parameters, momentum } of state.models.values())
    for (const id of [document, data, tokenizer, lineage, parameters, momentum])
      if (id !== null && id !== ZERO_HASH) named.add(id)
  for (const { updates } of state.rounds.values())
    for (const { reveal } of updates) if (reveal !== null) named.add(reveal.payload)
  return named
}
