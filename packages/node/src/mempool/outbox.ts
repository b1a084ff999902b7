import { type Hash, HydraError, type KeyPair, type Micro } from '@hydraai/core'
import { type Action, signTransaction } from '@hydraai/ledger'
import type { Logger } from '../ports.ts'
import type { Mempool } from './mempool.ts'

const MAX_USUAL_TIP: Micro = 10_000n

/** This node's own transactions: signed with the next free nonce, sent once, sent again when they got lost. */
export class Outbox {
  readonly #chainId: string
  readonly #keys: KeyPair
  readonly #mempool: Mempool
  readonly #logger: Logger
  readonly #tamper: ((action: Action) => Action | null) | undefined
  readonly #sent = new Map<string, Hash>()

  /** `tamper`: only the simulator's and the tests' adversaries change their actions, or keep them back. */
  constructor(parts: {
    chainId: string
    keys: KeyPair
    mempool: Mempool
    logger: Logger
    tamper?: ((action: Action) => Action | null) | undefined
  }) {
    this.#chainId = parts.chainId
    this.#keys = parts.keys
    this.#mempool = parts.mempool
    this.#logger = parts.logger
    this.#tamper = parts.tamper
  }

  /**
   * Signs and submits. Without a `tip` it offers what a full mempool asks for, up to a hundredth of a HYDRA: a node whose
   * work waits behind paid transactions pays a little too. Throws what the mempool refuses with.
   */
  send(action: Action, { tip = this.#usualTip() }: { tip?: Micro } = {}): Hash {
    const nonce = this.#mempool.nextNonce(this.#keys.address)
    return this.#mempool.addTransaction(signTransaction(this.#keys, { chainId: this.#chainId, nonce, tip, action }))
  }

  #usualTip(): Micro {
    const { asking } = this.#mempool
    return asking > MAX_USUAL_TIP ? MAX_USUAL_TIP : asking
  }

  /**
   * For duties that the ledger's state names again at every block until they are done: sends unless the transaction
   * sent for `duty` still waits with nothing missing before it. Answers whether something was sent.
   */
  sendFor(duty: string, honest: Action): boolean {
    const action = this.#tamper ? this.#tamper(honest) : honest
    if (action === null) return false
    const before = this.#sent.get(duty)
    this.#closeGaps()
    const last = this.#sent.get(duty)
    if (last !== undefined && this.#mempool.isNear(last)) return last !== before
    try {
      this.#sent.set(duty, this.send(action))
      this.#forgetOldest()
      return true
    } catch (error) {
      if (!(error instanceof HydraError)) throw error
      this.#logger.debug('duty not sent', { duty, error: error.message })
      return false
    }
  }

  /**
   * Where one of our transactions came to nothing, those behind it wait in vain. The last of them are signed again into the
   * gaps: what stands between keeps its place here and at everybody else.
   */
  #closeGaps(): void {
    for (;;) {
      const blocked = this.#mempool.lastBlocked(this.#keys.address)
      if (!blocked) return
      this.#mempool.drop(blocked.id)
      const { action, tip } = blocked.transaction
      try {
        const moved = this.send(action, { tip })
        for (const [duty, id] of this.#sent) if (id === blocked.id) this.#sent.set(duty, moved)
      } catch (error) {
        if (!(error instanceof HydraError)) throw error
        this.#logger.debug('what waited behind a gap is given up', { error: error.message })
      }
    }
  }

  #forgetOldest(): void {
    const [oldest] = this.#sent.keys()
    if (this.#sent.size > 1_000 && oldest !== undefined) this.#sent.delete(oldest)
  }
}
