import { type Address, formatAmount, type Hash, type Micro } from '@hydraai/core'
import type { LedgerEvent } from '@hydraai/ledger'
import type { EventRow } from '../http/schemas.ts'
import { eventText, type NameOf } from './words.ts'

/** A ledger event as a row of the API. */
export function eventRow(event: LedgerEvent, nameOf: NameOf): EventRow {
  const account = subjectOf(event)
  const amount = 'amount' in event ? (event.amount as Micro) : null
  return {
    type: event.type,
    text: eventText(event, nameOf),
    account,
    accountName: account && nameOf(account),
    amount: amount === null ? null : formatAmount(amount),
    transaction: transactionOf(event),
    model: 'model' in event ? event.model : null,
  }
}

/** The transaction behind an event; null for what the rules did by themselves. */
export function transactionOf(event: LedgerEvent): Hash | null {
  return 'transaction' in event ? event.transaction : null
}

function subjectOf(event: LedgerEvent): Address | null {
  if (event.type === 'transfer') return event.from
  if (event.type === 'update') return event.trainer
  return 'account' in event ? event.account : null
}
