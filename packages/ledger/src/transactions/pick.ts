import { type Address, MAX_SECTIONS, uintMax } from '@hydraai/core'
import { LedgerError } from '../errors.ts'
import type { TransactionContext } from './context.ts'
import { updateRefFields } from './updateRef.ts'

/** A trainer names the first of its challenger's states that it denies. */
export interface PickState {
  readonly type: 'pick'
  readonly model: string
  readonly round: number
  readonly trainer: Address
  readonly unit: number
  /** Into the question's `hashes`. */
  readonly index: number
}

export const pickFields = { ...updateRefFields, index: uintMax(MAX_SECTIONS - 1) }

export function applyPick(_context: TransactionContext, { trainer, unit }: PickState): void {
  throw new LedgerError('DISPUTE_UNKNOWN', `there is no dispute about unit ${unit} of ${trainer}`)
}
