import type { Block, LedgerState } from '@hydraai/ledger'
import type { Chain } from '../chain/chain.ts'
import type { Library } from '../library.ts'

/**
 * Keeps the documents of the models that a block published. They travel in its transactions, so every node has them and
 * can give them to others.
 */
export async function keepDocuments(library: Library, { transactions }: Block): Promise<void> {
  for (const { action } of transactions) if (action.type === 'publish') await library.put(action.document)
}

/** The same for all models of the state, from the stored blocks: a crash may have come between a block and its documents. */
export async function restoreDocuments(library: Library, chain: Chain, state: LedgerState): Promise<void> {
  for (const { document, owner, registeredAt } of state.models.values()) {
    if (owner === null || (await library.has(document))) continue
    const stored = await chain.blockAt(registeredAt)
    if (stored) await keepDocuments(library, stored.block)
  }
}
