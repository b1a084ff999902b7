import { type Address, addressOf, decode, encode, formatAmount, type Hash, HydraError, type Micro } from '@hydraai/core'
import {
  type Account,
  checkAction,
  checkTransaction,
  type LedgerState,
  MAX_TRANSACTION_BYTES,
  type SignedTransaction,
  signedTransactionCodec,
  transactionId,
} from '@hydraai/ledger'
import { Listeners } from '../listeners.ts'
import { AccountQueue, type Pending, spentBy } from './accountQueue.ts'
import { EarlyTransactions } from './earlyTransactions.ts'
import { IndexedHeap } from './indexedHeap.ts'
import { shortId } from './shortId.ts'
import { inTurns } from './turns.ts'

export interface MempoolLimits {
  readonly maxCount: number
  readonly maxBytes: number
  readonly maxCountPerAccount: number
  readonly maxBytesPerAccount: number
}

export const MEMPOOL_LIMITS: MempoolLimits = {
  maxCount: 10_000,
  maxBytes: 16 * 1024 * 1024,
  maxCountPerAccount: 64,
  maxBytesPerAccount: 256 * 1024,
}

/** A transaction takes the place of another for a tip that is higher by a tenth and by this, whichever is more. */
const REPLACEMENT_STEP: Micro = 1_000n
/** Refusals that are remembered until the next block. */
const MAX_REFUSALS = 4_096
/** Waiting transactions that are tried again after a block though their sender's account is as it was. */
const MAX_TRIED_AGAIN = 256

/** Whether a block may make an action inapplicable without touching its sender's account. */
function dependsOnOthers({ action }: SignedTransaction): boolean {
  return action.type !== 'transfer' && action.type !== 'stake' && action.type !== 'unstake'
}

/**
 * Transactions that wait for a block, by sender and nonce. Admission checks the signature, that the transaction could
 * apply once its predecessors have, and that its sender can pay what all of its transactions spend; the block builder
 * has the last word.
 *
 * When it is full the one that is worth least goes: the last of the account whose last one is worth least (see
 * {@link AccountQueue.worth}); among equals the newest of whoever has most.
 */
export class Mempool {
  /** `relayed`: it came by gossip that goes on by itself. */
  readonly added = new Listeners<Pending & { readonly relayed: boolean }>()
  readonly #limits: MempoolLimits
  readonly #byId = new Map<Hash, Pending>()
  readonly #bySender = new Map<Address, AccountQueue>()
  readonly #cheapest = new IndexedHeap<AccountQueue>(isCheaper)
  readonly #early = new EarlyTransactions()
  /** Why the ledger refused a transaction at this height, so that nobody makes this node find it out again and again. */
  readonly #refusals = new Map<Hash, HydraError>()
  #bytes = 0
  #arrivals = 0
  #triedAgain = 0
  #state: LedgerState

  constructor(state: LedgerState, limits: Partial<MempoolLimits> = {}) {
    this.#state = state
    this.#limits = { ...MEMPOOL_LIMITS, ...limits }
  }

  get size(): number {
    return this.#byId.size
  }

  get bytes(): number {
    return this.#bytes
  }

  /** The tip that finds a place now: none while there is room. */
  get asking(): Micro {
    const { maxCount, maxBytes } = this.#limits
    const cheapest = this.#cheapest.first
    const hasRoom = this.#byId.size < maxCount && this.#bytes + MAX_TRANSACTION_BYTES <= maxBytes
    return hasRoom || cheapest === undefined || cheapest.worth < 0n ? 0n : cheapest.worth + 1n
  }

  has(id: Hash): boolean {
    return this.#byId.has(id)
  }

  get(id: Hash): SignedTransaction | undefined {
    return this.#byId.get(id)?.transaction
  }

  ids(): Hash[] {
    return [...this.#byId.keys()]
  }

  /** Encoded transactions whose {@link shortId} `known` does not hold, the oldest first, up to `maxBytes` together. */
  missingFrom(known: ReadonlySet<string>, maxBytes: number): Uint8Array[] {
    const missing: Uint8Array[] = []
    let size = 0
    for (const pending of this.#byId.values()) {
      if (known.has(shortId(pending.id))) continue
      size += pending.bytes.length
      if (size > maxBytes) break
      missing.push(pending.bytes)
    }
    return missing
  }

  /**
   * Takes a transaction. One already held is no error.
   * @throws HydraError NONCE_USED, NONCE_AHEAD, NONCE_TAKEN (another waits with that nonce and the tip is not enough to
   *   replace it), MEMPOOL_ACCOUNT_FULL, MEMPOOL_FULL, BALANCE_TOO_LOW, SIGNATURE_INVALID, CODEC_INVALID, and whatever
   *   the ledger refuses it with
   */
  add(bytes: Uint8Array): Hash {
    return this.take(bytes).id
  }

  /** As {@link add}; tells whether it was new. `relayed`: others hear of it without our doing. */
  take(bytes: Uint8Array, { relayed = false } = {}): { id: Hash; isNew: boolean } {
    const transaction = decode(signedTransactionCodec, bytes, { maxBytes: MAX_TRANSACTION_BYTES })
    const id = transactionId(transaction)
    if (this.#byId.has(id)) return { id, isNew: false }
    const refused = this.#refusals.get(id)
    if (refused) throw refused
    this.#admit({ id, transaction, sender: addressOf(transaction.sender), bytes, arrival: this.#arrivals++ }, relayed)
    return { id, isNew: true }
  }

  addTransaction(transaction: SignedTransaction): Hash {
    return this.add(encode(signedTransactionCodec, transaction))
  }

  /**
   * Keeps a transaction that {@link add} refused because it does not apply yet: its sender may be a block ahead of us, and
   * gossip brings it only once. Strangers, whose transactions cost them nothing, and more than there is room for are
   * refused.
   */
  addEarly(bytes: Uint8Array): 'new' | 'known' | 'refused' {
    const transaction = decode(signedTransactionCodec, bytes, { maxBytes: MAX_TRANSACTION_BYTES })
    if (!this.#state.accounts.has(addressOf(transaction.sender))) return 'refused'
    return this.#early.keep(transactionId(transaction), bytes, this.#state.height)
  }

  /** Whether a transaction waits here and nothing before it is missing: without what it follows it would wait in vain. */
  isNear(id: Hash): boolean {
    const pending = this.#byId.get(id)
    return pending !== undefined && pending.transaction.nonce < this.nextNonce(pending.sender)
  }

  /** The last transaction of a sender's, if something before it is missing. */
  lastBlocked(sender: Address): { readonly id: Hash; readonly transaction: SignedTransaction } | undefined {
    const queue = this.#bySender.get(sender)
    return queue && queue.pending.length > queue.ready ? queue.last : undefined
  }

  /** Forgets a transaction, and only here: others may hold it. */
  drop(id: Hash): void {
    const pending = this.#byId.get(id)
    const queue = pending && this.#bySender.get(pending.sender)
    if (queue) this.#remove(queue, pending)
  }

  /** The nonce a sender's next transaction must carry: after everything that already waits without a gap. */
  nextNonce(sender: Address): number {
    const queue = this.#bySender.get(sender)
    return queue ? queue.nonce + queue.ready : this.#nonceOf(sender)
  }

  /** For the block builder: what can follow one another without a gap, the best first; see {@link inTurns}. */
  ordered(limit: number): SignedTransaction[] {
    return inTurns([...this.#bySender.values()], limit)
  }

  /** After a block: forget what it holds, what its nonces overtook and what the new state refuses for good. */
  advance(state: LedgerState): void {
    const before = this.#state
    this.#state = state
    this.#refusals.clear()
    const others: AccountQueue[] = []
    for (const queue of [...this.#bySender.values()]) {
      const account = state.accounts.get(queue.sender)
      if (account !== before.accounts.get(queue.sender)) this.#accountChanged(queue, account)
      else if (queue.ready > 0 && dependsOnOthers(queue.pending[0]!.transaction)) others.push(queue)
    }
    this.#tryAgain(others)
    for (const bytes of this.#early.due()) if (!this.#admits(bytes)) this.addEarly(bytes)
  }

  /** Checks from the cheap to the dear, then puts it in; what is worth least goes if there are too many then. */
  #admit(pending: Pending, relayed: boolean): void {
    const { transaction, sender, id } = pending
    const held = this.#bySender.get(sender)
    const queue = held ?? new AccountQueue(sender, this.#nonceOf(sender))
    this.#checkPlace(queue, pending)
    this.#checkAgainstState(pending)
    const balance = this.#state.accounts.get(sender)?.balance ?? 0n
    // What waits before it is not applied yet, and a tip that cannot be paid must not drive out those that can.
    if (queue.spendingWithout(transaction.nonce) + spentBy(transaction) > balance)
      throw new HydraError(
        'BALANCE_TOO_LOW',
        `${sender} has ${formatAmount(balance)} HYDRA, less than its waiting transactions spend together.`,
      )
    const replaced = queue.put(pending)
    if (replaced) this.#forget(replaced)
    this.#byId.set(id, pending)
    this.#bytes += pending.bytes.length
    this.#bySender.set(sender, queue)
    this.#cheapest.place(queue)
    while (this.#isOver()) this.#remove(this.#cheapest.first!, this.#cheapest.first!.last!)
    if (!this.#byId.has(id)) throw this.#full()
    this.added.emit({ ...pending, relayed })
  }

  /** Whether there is a place for it, before anything dear is looked at. */
  #checkPlace(queue: AccountQueue, pending: Pending): void {
    const { transaction, sender, bytes, arrival } = pending
    const { nonce, tip } = transaction
    const { maxCount, maxBytes, maxCountPerAccount, maxBytesPerAccount } = this.#limits
    if (nonce < queue.nonce)
      throw new HydraError('NONCE_USED', `The nonce ${nonce} of ${sender} was used; the next is ${queue.nonce}.`)
    const rival = queue.at(nonce)
    if (rival) {
      const least = leastReplacement(rival.transaction.tip)
      if (tip < least) {
        // One that does not apply yet says so: when it does, its rival may be dead, and its place free.
        this.#checkAgainstState(pending)
        if (this.#isAlive(rival.transaction))
          throw new HydraError('NONCE_TAKEN', `A transaction with nonce ${nonce} of ${sender} already waits.`, {
            advice: `A tip of at least ${formatAmount(least)} HYDRA replaces it.`,
          })
      }
    } else if (queue.pending.length >= maxCountPerAccount)
      throw new HydraError('MEMPOOL_ACCOUNT_FULL', `${maxCountPerAccount} transactions of ${sender} already wait.`)
    if (queue.bytes - (rival?.bytes.length ?? 0) + bytes.length > maxBytesPerAccount)
      throw new HydraError('MEMPOOL_ACCOUNT_FULL', `The transactions of ${sender} that wait are too long together.`)
    const isFull = this.#byId.size >= maxCount || this.#bytes + bytes.length > maxBytes
    const cheapest = this.#cheapest.first
    const isLast = nonce > (queue.last?.transaction.nonce ?? -1)
    if (!isFull || rival || !isLast || cheapest === undefined || cheapest === queue) return
    const worth = queue.worthAt(nonce, tip)
    if (isCheaperRank({ worth, count: queue.pending.length + 1, arrival }, rankOf(cheapest))) throw this.#full()
  }

  #checkAgainstState({ id, transaction }: Pending): void {
    try {
      checkTransaction(this.#state, transaction, { nonceAhead: this.#limits.maxCountPerAccount })
    } catch (error) {
      if (error instanceof HydraError && this.#refusals.size < MAX_REFUSALS) this.#refusals.set(id, error)
      throw error
    }
  }

  #accountChanged(queue: AccountQueue, account: Account | undefined): void {
    for (const overtaken of queue.advance(account?.nonce ?? 0)) this.#forget(overtaken)
    this.#placed(queue)
    this.#dropDeadHead(queue)
    const balance = account?.balance ?? 0n
    // Not what they spend, which may yet come in; but nobody waits for a tip that cannot be paid.
    while (queue.pending.reduce((sum, { transaction }) => sum + transaction.tip, 0n) > balance)
      this.#remove(queue, queue.last!)
  }

  /** Some of them after every block, each in its turn. */
  #tryAgain(queues: readonly AccountQueue[]): void {
    const from = this.#triedAgain
    const count = Math.min(queues.length, MAX_TRIED_AGAIN)
    for (let i = 0; i < count; i++) this.#dropDeadHead(queues[(from + i) % queues.length]!)
    this.#triedAgain = queues.length === 0 ? 0 : (from + count) % queues.length
  }

  /** With a dead head goes what is dead behind it: the sender, who does the same, can fill all gaps at once. */
  #dropDeadHead(queue: AccountQueue): void {
    const [head, ...others] = queue.pending
    // Of what follows later nothing more can be told than when it was taken.
    if (!head || head.transaction.nonce !== queue.nonce || this.#applies(head.transaction)) return
    for (const pending of [head, ...others.filter(({ transaction }) => !this.#isAlive(transaction))])
      this.#remove(queue, pending)
  }

  /** Whether the action makes sense now, whatever else of its sender waits. */
  #isAlive({ sender, action }: SignedTransaction): boolean {
    try {
      checkAction(this.#state, sender, action)
      return true
    } catch (error) {
      if (!(error instanceof HydraError)) throw error
      return false
    }
  }

  #applies(transaction: SignedTransaction): boolean {
    try {
      checkTransaction(this.#state, transaction)
      return true
    } catch (error) {
      if (!(error instanceof HydraError)) throw error
      return false
    }
  }

  #admits(bytes: Uint8Array): boolean {
    try {
      // It was passed on when it came.
      this.take(bytes, { relayed: true })
      return true
    } catch (error) {
      if (!(error instanceof HydraError)) throw error
      return false
    }
  }

  #nonceOf(sender: Address): number {
    return this.#state.accounts.get(sender)?.nonce ?? 0
  }

  #isOver(): boolean {
    return this.#byId.size > this.#limits.maxCount || this.#bytes > this.#limits.maxBytes
  }

  #full(): HydraError {
    const worth = this.#cheapest.first?.worth ?? 0n
    const advice =
      worth < 0n
        ? {}
        : { advice: `Try again in a few blocks, or with a tip of more than ${formatAmount(worth)} HYDRA.` }
    return new HydraError('MEMPOOL_FULL', `${this.#byId.size} transactions already wait.`, advice)
  }

  #remove(queue: AccountQueue, pending: Pending): void {
    queue.remove(pending)
    this.#forget(pending)
    this.#placed(queue)
  }

  #forget(pending: Pending): void {
    if (this.#byId.delete(pending.id)) this.#bytes -= pending.bytes.length
  }

  /** After a change of what a queue holds. */
  #placed(queue: AccountQueue): void {
    if (queue.pending.length > 0) {
      this.#cheapest.place(queue)
    } else {
      this.#cheapest.remove(queue)
      this.#bySender.delete(queue.sender)
    }
  }
}

/** The least tip that replaces a transaction with this one. */
export function leastReplacement(tip: Micro): Micro {
  const tenth = (tip + 9n) / 10n
  return tip + (tenth > REPLACEMENT_STEP ? tenth : REPLACEMENT_STEP)
}

interface Rank {
  readonly worth: Micro
  /** How many its account has waiting. */
  readonly count: number
  readonly arrival: number
}

function rankOf(queue: AccountQueue): Rank {
  return { worth: queue.worth, count: queue.pending.length, arrival: queue.last!.arrival }
}

function isCheaperRank(a: Rank, b: Rank): boolean {
  if (a.worth !== b.worth) return a.worth < b.worth
  return a.count !== b.count ? a.count > b.count : a.arrival > b.arrival
}

function isCheaper(a: AccountQueue, b: AccountQueue): boolean {
  return isCheaperRank(rankOf(a), rankOf(b))
}
