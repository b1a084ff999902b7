import { type Address, address, addressBytes, addressOfBytes, type Micro, micro, text } from '@hydraai/core'
import { credit, debit } from '../economics/money.ts'
import { LedgerError } from '../errors.ts'
import type { TransactionContext } from './context.ts'

/** Sends HYDRA to any address, known to the chain or not. */
export interface Transfer {
  readonly type: 'transfer'
  readonly to: Address
  readonly amount: Micro
  /** At most 64 bytes, without control characters; empty for none. Everyone can read it. */
  readonly memo: string
}

export const transferFields = { to: address, amount: micro, memo: text({ maxBytes: 64 }) }

export function applyTransfer({ draft, sender, transaction }: TransactionContext, action: Transfer): void {
  const { to, amount, memo } = action
  if (amount <= 0n) throw new LedgerError('AMOUNT_INVALID', 'a transfer must be of more than nothing')
  if (to === sender) throw new LedgerError('TRANSACTION_INVALID', 'a transfer to its own sender moves nothing')
  // Accounts are found by this spelling, so a transaction made in memory must use it too.
  if (addressOfBytes(addressBytes(to)) !== to) {
    throw new LedgerError('TRANSACTION_INVALID', `the address ${to} is not spelt with its checksum`)
  }
  if (/\p{Cc}/u.test(memo)) throw new LedgerError('TRANSACTION_INVALID', 'a memo cannot hold control characters')
  debit(draft, sender, amount)
  credit(draft, to, amount)
  draft.events.push({ type: 'transfer', transaction, from: sender, to, amount, memo })
}
