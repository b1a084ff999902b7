import { type Address, bytes, decode, encode, type Hash, HydraError, nullable, struct, uint } from '@hydraai/core'
import {
  type Action,
  accountOf,
  actionCodec,
  type LedgerState,
  MAX_TRANSACTION_BYTES,
  type Query,
  type SignedTransaction,
  signedTransactionCodec,
  transactionBytes,
  transactionId,
} from '@hydraai/ledger'
import type { KeyValueStore } from '@hydraai/storage'
import type { Mempool } from '../mempool/mempool.ts'
import type { Outbox } from '../mempool/outbox.ts'
import type { Logger } from '../ports.ts'

/** A payment that no block takes is given up then. */
const GIVEN_UP_AFTER_BLOCKS = 200
const MAX_OWED = 1_000
const PREFIX = 'asking/owed/'

const recordCodec = struct({
  action: actionCodec,
  since: uint,
  transaction: nullable(bytes({ max: MAX_TRANSACTION_BYTES })),
})

interface Owed {
  readonly action: Query
  /** The block at which the answer was whole. */
  readonly since: number
  transaction: SignedTransaction | null
}

interface Parts {
  readonly self: Address
  readonly db: KeyValueStore
  readonly outbox: Outbox
  readonly mempool: Mempool
  readonly heightOf: (transaction: Hash) => Promise<number | undefined>
  readonly logger: Logger
}

/**
 * The answers that this node has to pay for: each on disk from when its receipt was checked until a block holds the
 * payment. The ledger would take a second payment too, so the very transaction is sent again, and another is signed only
 * when its nonce was used up by something else.
 */
export class OwnPayments {
  readonly #parts: Parts
  readonly #owed = new Map<Hash, Owed>()

  private constructor(parts: Parts) {
    this.#parts = parts
  }

  static async open(parts: Parts): Promise<OwnPayments> {
    const payments = new OwnPayments(parts)
    for await (const [, value] of parts.db.range({ gte: PREFIX, lt: `${PREFIX}~`, limit: MAX_OWED })) {
      const { action, since, transaction } = decode(recordCodec, value)
      if ((action as Action).type !== 'query') continue
      const query = action as Query
      const signed = transaction && decode(signedTransactionCodec, transaction)
      payments.#owed.set(query.request, { action: query, since, transaction: signed })
    }
    return payments
  }

  /** Pays. The transaction, or null while the ledger does not take it: it is tried again at every block. */
  async pay(action: Query, state: LedgerState): Promise<Hash | null> {
    const owed: Owed = { action, since: state.height, transaction: null }
    this.#owed.set(action.request, owed)
    await this.#send(owed)
    await this.#write(owed)
    return this.transactionFor(action.request)
  }

  /** The transaction that pays for a request, once there is one. */
  transactionFor(request: Hash): Hash | null {
    const transaction = this.#owed.get(request)?.transaction ?? null
    return transaction && transactionId(transaction)
  }

  /** How many payments wait for a block. */
  get size(): number {
    return this.#owed.size
  }

  /** After a block that paid for the requests in `paid`. */
  async onState(state: LedgerState, paid: readonly Hash[]): Promise<void> {
    for (const request of paid) await this.#forget(request)
    for (const [request, owed] of [...this.#owed]) {
      if (state.height - owed.since > GIVEN_UP_AFTER_BLOCKS) await this.#forget(request)
      else if (await this.#sendAgain(owed, state)) await this.#write(owed)
    }
  }

  /** Whether there is another transaction now. */
  async #sendAgain(owed: Owed, state: LedgerState): Promise<boolean> {
    const { mempool, heightOf, self } = this.#parts
    const { transaction } = owed
    if (transaction === null) return this.#send(owed)
    const id = transactionId(transaction)
    if (mempool.get(id) !== undefined) return false
    if ((await heightOf(id)) !== undefined) {
      await this.#forget(owed.action.request)
      return false
    }
    if (transaction.nonce < accountOf(state, self).nonce) return this.#send(owed)
    this.#try(() => mempool.add(transactionBytes(transaction)))
    return false
  }

  async #send(owed: Owed): Promise<boolean> {
    const { outbox, mempool } = this.#parts
    const id = this.#try(() => outbox.send(owed.action))
    const transaction = id && mempool.get(id)
    if (!transaction) return false
    owed.transaction = transaction
    return true
  }

  #try(send: () => Hash): Hash | null {
    try {
      return send()
    } catch (error) {
      if (!(error instanceof HydraError)) throw error
      this.#parts.logger.debug('a payment is not taken yet', { error: error.message })
      return null
    }
  }

  async #write({ action, since, transaction }: Owed): Promise<void> {
    if (!this.#owed.has(action.request)) return
    const record = { action, since, transaction: transaction && transactionBytes(transaction) }
    const put = { type: 'put', key: PREFIX + action.request, value: encode(recordCodec, record) } as const
    await this.#parts.db.batch([put], { sync: true })
  }

  async #forget(request: Hash): Promise<void> {
    if (!this.#owed.delete(request)) return
    await this.#parts.db.batch([{ type: 'del', key: PREFIX + request }], { sync: false })
  }
}
