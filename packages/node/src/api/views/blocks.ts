import { formatAmount } from '@hydraai/core'
import { type LedgerEvent, type SignedTransaction, senderOf, transactionId } from '@hydraai/ledger'
import type { StoredBlock } from '../history/blocks.ts'
import type { BlockAnswer, BlockRow, TransactionAnswer } from '../http/schemas.ts'
import { eventRow } from './events.ts'
import { actionJson, jsonOf } from './json.ts'
import type { NameOf } from './words.ts'

/** A row of a list stays readable and small whatever a block holds. */
const MAX_ROW_EVENTS = 60
/** What every block has, or what follows from other events: the first to be left out of a row. */
const ROUTINE = new Set<LedgerEvent['type']>([
  ...([
    'precommit-reward',
    'reputation',
    'fee',
    'tip',
    'presence',
    'verdict',
    'reveal',
    'open',
    'disclose',
    'decay',
  ] as const),
])

export function blockRow(stored: StoredBlock, nameOf: NameOf): BlockRow {
  const { events } = stored
  const shown = events.length <= MAX_ROW_EVENTS ? events : mostTelling(events)
  return {
    ...shared(stored, nameOf),
    events: shown.map(event => eventRow(event, nameOf)),
    transactions: stored.block.transactions.length,
    eventsLeftOut: events.length - shown.length,
  }
}

export function blockAnswer(stored: StoredBlock, nameOf: NameOf): BlockAnswer {
  const { block, commit, events } = stored
  return {
    ...shared(stored, nameOf),
    events: events.map(event => eventRow(event, nameOf)),
    header: jsonOf(block.header) as Record<string, unknown>,
    commit: { round: commit.round, precommits: commit.precommits.length },
    transactions: block.transactions.map(transaction => ({
      id: transactionId(transaction),
      sender: senderOf(transaction),
      senderName: nameOf(senderOf(transaction)),
      nonce: transaction.nonce,
      type: transaction.action.type,
    })),
  }
}

/** `stored` is the block that holds it; null while it waits for one. */
export function transactionAnswer(
  transaction: SignedTransaction,
  stored: StoredBlock | null,
  nameOf: NameOf,
): TransactionAnswer {
  const id = transactionId(transaction)
  const sender = senderOf(transaction)
  const events = stored?.events.filter(event => 'transaction' in event && event.transaction === id) ?? []
  return {
    id,
    height: stored?.block.header.height ?? null,
    status: stored ? 'committed' : 'pending',
    sender,
    senderName: nameOf(sender),
    nonce: transaction.nonce,
    tip: formatAmount(transaction.tip),
    action: actionJson(transaction.action),
    events: events.map(event => eventRow(event, nameOf)),
  }
}

function shared({ block: { header }, hash }: StoredBlock, nameOf: NameOf) {
  const { height, time, proposer, models } = header
  return { height, hash, time, proposer, proposerName: nameOf(proposer), models: models.map(model => ({ ...model })) }
}

/** In the order of the ledger, the routine ones left out first. */
function mostTelling(events: readonly LedgerEvent[]): readonly LedgerEvent[] {
  const telling = events.filter(event => !ROUTINE.has(event.type))
  return (telling.length === 0 ? events : telling).slice(0, MAX_ROW_EVENTS)
}
