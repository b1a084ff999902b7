import { type Address, addressOf, decode, encode, type Hash, HydraError } from '@hydraai/core'
import {
  checkTransaction,
  type LedgerState,
  MAX_TRANSACTION_BYTES,
  type SignedTransaction,
  signedTransactionCodec,
  transactionId,
} from '@hydraai/ledger'
import { Listeners } from './listeners.ts'

const MAX_TRANSACTIONS = 5_000
const MAX_PER_ACCOUNT = 64
/** Transactions whose block or phase this node has not reached yet, and how many blocks they may wait for it. */
const MAX_EARLY = 500
const EARLY_BLOCKS = 3
/** Of all transactions together: one that publishes a model is much longer than the others. */
const MAX_BYTES = 16 * 1024 * 1024

interface Pending {
  readonly id: Hash
  readonly transaction: SignedTransaction
  readonly sender: Address
  readonly bytes: Uint8Array
}

/**
 * Transactions that wait for a block, by sender and nonce. Admission checks the signature and that the transaction could
 * apply once its predecessors have; the block builder has the last word.
 */
export class Mempool {
  readonly added = new Listeners<Pending>()
  readonly #byId = new Map<Hash, Pending>()
  readonly #bySender = new Map<Address, Map<number, Pending>>()
  #early: { readonly bytes: Uint8Array; readonly id: Hash; readonly until: number }[] = []
  #bytes = 0
  #state: LedgerState

  constructor(state: LedgerState) {
    this.#state = state
  }

  get size(): number {
    return this.#byId.size
  }

  get(id: Hash): SignedTransaction | undefined {
    return this.#byId.get(id)?.transaction
  }

  ids(): Hash[] {
    return [...this.#byId.keys()]
  }

  /** Encoded transactions that `known` does not name, up to `maxBytes` together. */
  missingFrom(known: ReadonlySet<Hash>, maxBytes: number): Uint8Array[] {
    const missing: Uint8Array[] = []
    let size = 0
    for (const pending of this.#byId.values()) {
      if (known.has(pending.id)) continue
      size += pending.bytes.length
      if (size > maxBytes) break
      missing.push(pending.bytes)
    }
    return missing
  }

  /** Throws a HydraError that says why the transaction was not taken. A transaction already held is no error. */
  add(bytes: Uint8Array): Hash {
    const transaction = decode(signedTransactionCodec, bytes, { maxBytes: MAX_TRANSACTION_BYTES })
    const id = transactionId(transaction)
    if (this.#byId.has(id)) return id
    const sender = addressOf(transaction.sender)
    const queue = this.#bySender.get(sender) ?? new Map<number, Pending>()
    if (queue.has(transaction.nonce))
      throw new HydraError('NONCE_TAKEN', `A transaction with nonce ${transaction.nonce} of ${sender} already waits.`)
    if (queue.size >= MAX_PER_ACCOUNT)
      throw new HydraError('MEMPOOL_ACCOUNT_FULL', `${MAX_PER_ACCOUNT} transactions of ${sender} already wait.`)
    if (this.#byId.size >= MAX_TRANSACTIONS || this.#bytes + bytes.length > MAX_BYTES)
      throw new HydraError('MEMPOOL_FULL', `${this.#byId.size} transactions already wait. Try again in a few blocks.`)
    checkTransaction(this.#state, transaction, { nonceAhead: MAX_PER_ACCOUNT })
    const pending = { id, transaction, sender, bytes }
    queue.set(transaction.nonce, pending)
    this.#bySender.set(sender, queue)
    this.#byId.set(id, pending)
    this.#bytes += bytes.length
    this.added.emit(pending)
    return id
  }

  /**
   * Keeps a transaction that {@link add} refused because it does not apply yet: its sender may be a block ahead of us, and
   * gossip brings it only once. Answers whether it was kept: strangers, whose transactions cost them nothing, and more
   * than there is room for, are not.
   */
  addEarly(bytes: Uint8Array): boolean {
    const transaction = decode(signedTransactionCodec, bytes, { maxBytes: MAX_TRANSACTION_BYTES })
    if (!this.#state.accounts.has(addressOf(transaction.sender))) return false
    const id = transactionId(transaction)
    if (this.#early.some(early => early.id === id)) return true
    if (this.#early.length >= MAX_EARLY) return false
    this.#early.push({ bytes, id, until: this.#state.height + EARLY_BLOCKS })
    return true
  }

  addTransaction(transaction: SignedTransaction): Hash {
    return this.add(encode(signedTransactionCodec, transaction))
  }

  /** Whether a transaction waits here and nothing before it is missing: without what it follows it would wait in vain. */
  isNear(id: Hash): boolean {
    const pending = this.#byId.get(id)
    return pending !== undefined && pending.transaction.nonce < this.nextNonce(pending.sender)
  }

  /** The nonce a sender's next transaction must carry: after everything that already waits without a gap. */
  nextNonce(sender: Address): number {
    let nonce = this.#state.accounts.get(sender)?.nonce ?? 0
    const queue = this.#bySender.get(sender)
    while (queue?.has(nonce)) nonce++
    return nonce
  }

  /** For the block builder: each sender's transactions in nonce order, senders taking turns. */
  ordered(limit: number): SignedTransaction[] {
    const queues = [...this.#bySender.entries()]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, queue]) => [...queue.values()].sort((a, b) => a.transaction.nonce - b.transaction.nonce))
    const ordered: SignedTransaction[] = []
    for (let turn = 0; ordered.length < limit; turn++) {
      let any = false
      for (const queue of queues) {
        const pending = queue[turn]
        if (!pending) continue
        any = true
        ordered.push(pending.transaction)
        if (ordered.length === limit) break
      }
      if (!any) break
    }
    return ordered
  }

  /** After a block: forget what it holds, what its nonces overtook and what the new state refuses for good. */
  advance(state: LedgerState): void {
    this.#state = state
    for (const pending of [...this.#byId.values()]) {
      const nonce = state.accounts.get(pending.sender)?.nonce ?? 0
      const { nonce: own } = pending.transaction
      // Of what follows later nothing more can be told than when it was taken.
      if (own < nonce || (own === nonce && !this.#stillApplies(pending))) this.#remove(pending)
    }
    const early = this.#early
    this.#early = []
    for (const one of early) if (!this.#admits(one.bytes) && one.until > state.height) this.#early.push(one)
  }

  #admits(bytes: Uint8Array): boolean {
    try {
      this.add(bytes)
      return true
    } catch {
      return false
    }
  }

  #stillApplies(pending: Pending): boolean {
    try {
      checkTransaction(this.#state, pending.transaction)
      return true
    } catch {
      return false
    }
  }

  #remove(pending: Pending): void {
    if (this.#byId.delete(pending.id)) this.#bytes -= pending.bytes.length
    const queue = this.#bySender.get(pending.sender)
    queue?.delete(pending.transaction.nonce)
    if (queue?.size === 0) this.#bySender.delete(pending.sender)
  }
}
