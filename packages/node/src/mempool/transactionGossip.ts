import { type Clock, decode, encode, HydraError } from '@hydraai/core'
import { MAX_TRANSACTION_BYTES } from '@hydraai/ledger'
import type { Network, Validation } from '@hydraai/network'
import type { Logger } from '../ports.ts'
import { MAX_MEMPOOL_BYTES, mempoolRequestCodec, mempoolResponseCodec } from '../sync/protocols.ts'
import { batchCodec, batchesOf, MAX_BATCH_BYTES } from './batch.ts'
import { MEMPOOL_LIMITS, type Mempool } from './mempool.ts'
import { packShortIds, SHORT_ID_BYTES, unpackShortIds } from './shortId.ts'

const TRANSACTIONS = 'transactions/1'
/** After a message, transactions are collected for this long and leave together. */
const WINDOW_MS = 20
/** Of what is collected; more can only come from a flood of our own, and peers ask for what they miss. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024
/** Pulled transactions up to this many are told on: more of them mean that this node was away, not the others. */
const MAX_TOLD_ON = 64
const REQUEST_TIMEOUT_MS = 5_000
/** Left for the frame around a list of transactions. */
const FRAME_BYTES = 65_536
/** What no state of the ledger could ever make right. */
const PROVABLY_WRONG = new Set([
  'CODEC_INVALID',
  'SIGNATURE_INVALID',
  'CHAIN_MISMATCH',
  'TRANSACTION_INVALID',
  'MODEL_REFUSED',
])
/** What no later block makes right, or what was not looked at as far as its signature: not to be passed on. */
const NEVER_EARLY = new Set(['NONCE_USED', 'NONCE_TAKEN', 'MEMPOOL_ACCOUNT_FULL', 'MEMPOOL_FULL'])

/** `new`: good, or good soon, and not heard before. */
type Taken = 'new' | 'known' | 'refused' | 'wrong'

/**
 * Tells others of transactions and hears theirs. One that comes when nothing was sent lately leaves at once; those that
 * follow within {@link WINDOW_MS} leave as one message. A message goes on as it came, so what it brought is not sent
 * again, unless it was not fit to go on: then what was good in it is.
 */
export class TransactionGossip {
  readonly #parts: { network: Network; mempool: Mempool; clock: Clock; logger: Logger }
  #waiting: Uint8Array[] = []
  #waitingBytes = 0
  /** A message was sent less than a window ago. */
  #busy = false
  #cancel: () => void = () => {}

  constructor(parts: { network: Network; mempool: Mempool; clock: Clock; logger: Logger }) {
    this.#parts = parts
  }

  serve(): void {
    const { network, mempool } = this.#parts
    network.subscribe(TRANSACTIONS, { maxBytes: MAX_BATCH_BYTES }, data => this.onBatch(data))
    const maxRequestBytes = SHORT_ID_BYTES * MEMPOOL_LIMITS.maxCount + 16
    network.handle(TRANSACTIONS, { maxRequestBytes, maxResponseBytes: MAX_MEMPOOL_BYTES }, async request => {
      const known = unpackShortIds(decode(mempoolRequestCodec, request))
      return encode(mempoolResponseCodec, mempool.missingFrom(known, MAX_MEMPOOL_BYTES - FRAME_BYTES))
    })
    mempool.added.add(({ bytes, relayed }) => {
      if (!relayed) this.#tell(bytes)
    })
  }

  stop(): void {
    this.#cancel()
    this.#waiting = []
  }

  /**
   * A message from the network. Every transaction in it is looked at, whatever the others are. It goes on if at least
   * half of it (in bytes) is good and new, so that nobody makes messages without end out of what is known; it is rejected
   * if one transaction in it is provably wrong, for no honest node passes such a message on.
   */
  onBatch(data: Uint8Array): Validation {
    let batch: Uint8Array[]
    try {
      batch = decode(batchCodec, data, { maxBytes: MAX_BATCH_BYTES })
    } catch {
      return 'reject'
    }
    const fresh: Uint8Array[] = []
    let [freshBytes, allBytes, isWrong] = [0, 0, false]
    for (const bytes of batch) {
      const taken = this.#take(bytes)
      allBytes += bytes.length
      if (taken === 'wrong') isWrong = true
      if (taken !== 'new') continue
      fresh.push(bytes)
      freshBytes += bytes.length
    }
    if (!isWrong && fresh.length > 0 && 2 * freshBytes >= allBytes) return 'accept'
    for (const bytes of fresh) this.#tell(bytes)
    return isWrong ? 'reject' : 'ignore'
  }

  /** Brings in what gossip did not: lost messages, and what was sent before this node was connected. */
  async pull(peer: string): Promise<void> {
    const { network, mempool } = this.#parts
    const options = { timeoutMs: REQUEST_TIMEOUT_MS, maxResponseBytes: MAX_MEMPOOL_BYTES }
    const request = encode(mempoolRequestCodec, packShortIds(mempool.ids()))
    const response = await network.request(peer, TRANSACTIONS, request, options)
    const fresh = decode(mempoolResponseCodec, response).filter(bytes => this.#take(bytes) === 'new')
    if (fresh.length <= MAX_TOLD_ON) for (const bytes of fresh) this.#tell(bytes)
  }

  #take(bytes: Uint8Array): Taken {
    const { mempool, logger } = this.#parts
    try {
      return mempool.take(bytes, { relayed: true }).isNew ? 'new' : 'known'
    } catch (error) {
      const code = error instanceof HydraError ? error.code : ''
      if (PROVABLY_WRONG.has(code)) return 'wrong'
      if (code === '') logger.warn('a transaction could not be looked at', { error: String(error) })
      return code === '' || NEVER_EARLY.has(code) ? 'refused' : mempool.addEarly(bytes)
    }
  }

  #tell(bytes: Uint8Array): void {
    if (bytes.length > MAX_TRANSACTION_BYTES || this.#waitingBytes + bytes.length > MAX_WAITING_BYTES) return
    this.#waiting.push(bytes)
    this.#waitingBytes += bytes.length
    if (!this.#busy) this.#send()
  }

  #send(): void {
    const { network, clock, logger } = this.#parts
    const batches = batchesOf(this.#waiting)
    this.#waiting = []
    this.#waitingBytes = 0
    this.#busy = batches.length > 0
    if (!this.#busy) return
    for (const batch of batches)
      network
        .publish(TRANSACTIONS, encode(batchCodec, batch))
        .catch(error => logger.debug('publish failed', { error: String(error) }))
    this.#cancel = clock.after(WINDOW_MS, () => this.#send())
  }
}
