import type { Clock, KeyPair } from '@hydraai/core'
import { findRegistrationWork, type LedgerState } from '@hydraai/ledger'
import type { Journal } from '../journal.ts'
import type { Outbox } from '../mempool/outbox.ts'

/** Tries a turn of the event loop takes on, so that the node stays responsive while it works for its registration. */
const TRIES_PER_TURN = 2_000

/** Registers this node's account with proof of work. */
export class Newcomer {
  readonly #parts: {
    chainId: string
    keys: KeyPair
    name: string
    clock: Clock
    outbox: Outbox
    journal: Journal
  }
  #working = false
  #stopped = false
  #work: Uint8Array | null = null

  constructor(parts: {
    chainId: string
    keys: KeyPair
    name: string
    clock: Clock
    outbox: Outbox
    journal: Journal
  }) {
    this.#parts = parts
  }

  stop(): void {
    this.#stopped = true
  }

  onState(state: LedgerState): void {
    const account = state.accounts.get(this.#parts.keys.address)
    if (!account?.registered) this.#register(state)
  }

  #register(state: LedgerState): void {
    if (this.#work) this.#submit(this.#work)
    if (this.#working) return
    this.#working = true
    this.#parts.journal.write('INFO', 'Working out the proof of work that registers this account')
    this.#search(state.parameters.registrationDifficulty, 0)
  }

  #search(difficulty: number, from: number): void {
    if (this.#stopped) return
    const { chainId, keys, clock } = this.#parts
    this.#work = findRegistrationWork({ chainId, publicKey: keys.publicKey, difficulty }, from, TRIES_PER_TURN)
    if (this.#work) this.#submit(this.#work)
    else clock.after(1, () => this.#search(difficulty, from + TRIES_PER_TURN))
  }

  #submit(work: Uint8Array): void {
    const { outbox, name, journal } = this.#parts
    if (outbox.sendFor('register', { type: 'register', name, work })) journal.write('INFO', `Registering as ${name}`)
  }
}
