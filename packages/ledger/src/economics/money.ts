import { type Address, formatAmount, MAX_MICRO, type Micro } from '@hydraai/core'
import { LedgerError } from '../errors.ts'
import type { Draft } from '../state/draft.ts'

/** Adds to a balance. @throws LedgerError AMOUNT_OVERFLOW */
export function credit(draft: Draft, address: Address, amount: Micro): void {
  const balance = draft.account(address).balance + amount
  if (balance > MAX_MICRO)
    throw new LedgerError('AMOUNT_OVERFLOW', `${address} cannot hold ${formatAmount(balance)} HYDRA`)
  draft.updateAccount(address, { balance })
}

/** Takes from a balance. @throws LedgerError BALANCE_TOO_LOW */
export function debit(draft: Draft, address: Address, amount: Micro): void {
  const { balance } = draft.account(address)
  if (amount > balance) {
    throw new LedgerError(
      'BALANCE_TOO_LOW',
      `${address} has ${formatAmount(balance)} HYDRA, which is less than ${formatAmount(amount)}`,
    )
  }
  draft.updateAccount(address, { balance: balance - amount })
}

/** Makes new money. @throws LedgerError AMOUNT_OVERFLOW */
export function mint(draft: Draft, address: Address, amount: Micro): void {
  if (draft.minted + amount > MAX_MICRO) throw new LedgerError('AMOUNT_OVERFLOW', 'no more HYDRA can ever be minted')
  credit(draft, address, amount)
  draft.minted += amount
}

/** Destroys money out of a balance. @throws LedgerError BALANCE_TOO_LOW */
export function burn(draft: Draft, address: Address, amount: Micro): void {
  debit(draft, address, amount)
  draft.burnt += amount
}

/** The smaller of two amounts. Math.min takes no bigint. */
export function smaller(a: Micro, b: Micro): Micro {
  if (a < b) return a
  return b
}
