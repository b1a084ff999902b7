import type { Address, Hash } from '@hydraai/core'
import { LedgerError } from '../errors.ts'
import { sectionHashes } from '../state/codec.ts'
import type { TransactionContext } from './context.ts'
import { updateRefFields } from './updateRef.ts'

/** A challenger shows its states on the stretch that the trainer denied. */
export interface NarrowDispute {
  readonly type: 'narrow'
  readonly model: string
  readonly round: number
  readonly trainer: Address
  readonly unit: number
  /** At `sectionsOf` the question's stretch. */
  readonly hashes: readonly Hash[]
}

export const narrowFields = { ...updateRefFields, hashes: sectionHashes }

export function applyNarrow(_context: TransactionContext, { trainer, unit }: NarrowDispute): void {
  throw new LedgerError('DISPUTE_UNKNOWN', `there is no dispute about unit ${unit} of ${trainer}`)
}
