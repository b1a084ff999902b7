import type { Address } from '@hydraai/core'
import type { Account, LedgerState, Unbonding } from './types.ts'

/**
 * Which state another came from, and what was written over its large tables: so that what grows with them need not be done
 * anew.
 */
export interface Origin {
  readonly parent: LedgerState
  readonly accounts: ReadonlyMap<Address, Account | undefined>
  readonly unbondings: ReadonlyMap<string, Unbonding | undefined>
}
