import { shareSupply } from '../economics/supply.ts'
import { shareRoot } from '../state/root.ts'
import type { LedgerState } from '../state/types.ts'
import { blockHash, type Header } from './header.ts'

/** The state after a block, which until now carried its parent's hash. What is known of it goes over to it. */
export function seal(state: LedgerState, header: Header): LedgerState {
  const sealed = { ...state, blockHash: blockHash(header) }
  shareRoot(state, sealed)
  shareSupply(state, sealed)
  return sealed
}
