import type { Address, Hash, Micro } from '@hydraai/core'
import type { SignedTransaction } from '@hydraai/ledger'

/** A transaction that waits for a block. */
export interface Pending {
  readonly id: Hash
  readonly transaction: SignedTransaction
  readonly sender: Address
  readonly bytes: Uint8Array
  /** Counts up with every transaction taken: who came first. */
  readonly arrival: number
}

/** What a transaction behind a gap is worth: less than any tip, for nobody can include it. */
const BLOCKED: Micro = -1n

/** What is known to leave the account when the transaction applies; fees that only the ledger knows come on top. */
export function spentBy({ tip, action }: SignedTransaction): Micro {
  return tip + (action.type === 'transfer' || action.type === 'stake' ? action.amount : 0n)
}

/** What one account has waiting, by nonce. Short, so everything is counted anew when something changes. */
export class AccountQueue {
  readonly sender: Address
  /** The nonce that the account's next transaction in a block has. */
  nonce: number
  /** By nonce, ascending. */
  readonly pending: Pending[] = []
  bytes = 0
  /** How many can follow one another from `nonce` on without a gap. */
  ready = 0
  /**
   * What the last transaction is worth to a block: a transaction cannot come before those that it follows, so never
   * more than the least tip among them. That makes the last one of an account its cheapest, and taking away the
   * cheapest never opens a gap.
   */
  worth: Micro = BLOCKED

  constructor(sender: Address, nonce: number) {
    this.sender = sender
    this.nonce = nonce
  }

  get last(): Pending | undefined {
    return this.pending.at(-1)
  }

  at(nonce: number): Pending | undefined {
    return this.pending.find(({ transaction }) => transaction.nonce === nonce)
  }

  /** What all of them but the one with that nonce are known to spend. */
  spendingWithout(nonce: number): Micro {
    let sum = 0n
    for (const { transaction } of this.pending) if (transaction.nonce !== nonce) sum += spentBy(transaction)
    return sum
  }

  /** What a transaction with that nonce and tip would be worth behind those that wait now. */
  worthAt(nonce: number, tip: Micro): Micro {
    if (nonce > this.nonce + this.ready) return BLOCKED
    let worth = tip
    for (const { transaction } of this.pending)
      if (transaction.nonce < nonce && transaction.tip < worth) worth = transaction.tip
    return worth
  }

  /** Puts it into its place; the one that had its nonce goes and is given back. */
  put(pending: Pending): Pending | undefined {
    const { nonce } = pending.transaction
    const index = this.pending.findIndex(other => other.transaction.nonce >= nonce)
    const at = index === -1 ? this.pending.length : index
    const replaced = this.pending[at]?.transaction.nonce === nonce ? this.pending[at] : undefined
    this.pending.splice(at, replaced ? 1 : 0, pending)
    this.bytes += pending.bytes.length - (replaced?.bytes.length ?? 0)
    this.#recount()
    return replaced
  }

  remove(pending: Pending): void {
    const at = this.pending.indexOf(pending)
    if (at === -1) return
    this.pending.splice(at, 1)
    this.bytes -= pending.bytes.length
    this.#recount()
  }

  /** The account's next nonce is now this. Gives back what it overtook. */
  advance(nonce: number): Pending[] {
    this.nonce = nonce
    const first = this.pending.findIndex(({ transaction }) => transaction.nonce >= nonce)
    const overtaken = this.pending.splice(0, first === -1 ? this.pending.length : first)
    for (const { bytes } of overtaken) this.bytes -= bytes.length
    this.#recount()
    return overtaken
  }

  #recount(): void {
    this.ready = 0
    while (this.pending[this.ready]?.transaction.nonce === this.nonce + this.ready) this.ready++
    const { last } = this
    this.worth = last ? this.worthAt(last.transaction.nonce, last.transaction.tip) : BLOCKED
  }
}
