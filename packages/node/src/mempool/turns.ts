import type { SignedTransaction } from '@hydraai/ledger'
import type { AccountQueue } from './accountQueue.ts'
import { IndexedHeap } from './indexedHeap.ts'

/** How far one account has been read. */
interface Cursor {
  readonly queue: AccountQueue
  taken: number
}

/**
 * At most `limit` transactions, each account's in the order of nonces. Of those that are next of their accounts the one
 * with the highest tip comes first; accounts that tip the same take turns, whoever waits longest first. Costs one look at
 * each account and, for each transaction taken, a logarithm of their number.
 */
export function inTurns(queues: readonly AccountQueue[], limit: number): SignedTransaction[] {
  const cursors = queues.filter(({ ready }) => ready > 0).map(queue => ({ queue, taken: 0 }))
  const heap = new IndexedHeap<Cursor>(isNext, cursors)
  const order: SignedTransaction[] = []
  for (let cursor = heap.first; cursor && order.length < limit; cursor = heap.first) {
    order.push(nextOf(cursor).transaction)
    cursor.taken++
    if (cursor.taken < cursor.queue.ready) heap.place(cursor)
    else heap.remove(cursor)
  }
  return order
}

function nextOf({ queue, taken }: Cursor) {
  return queue.pending[taken]!
}

function isNext(a: Cursor, b: Cursor): boolean {
  const [one, other] = [nextOf(a), nextOf(b)]
  if (one.transaction.tip !== other.transaction.tip) return one.transaction.tip > other.transaction.tip
  return a.taken !== b.taken ? a.taken < b.taken : one.arrival < other.arrival
}
