import { type Clock, decode, encode, HydraError } from '@hydraai/core'
import { genesisCodec, MAX_TRANSACTION_BYTES } from '@hydraai/ledger'
import type { Network, Validation } from '@hydraai/network'
import type { Chain } from '../chain/chain.ts'
import type { ConsensusHost } from '../consensus/host.ts'
import { catchUpRequestCodec, catchUpResponseCodec, chooseMessages, MAX_MESSAGE_BYTES } from '../consensus/messages.ts'
import type { Mempool } from '../mempool.ts'
import type { Logger } from '../ports.ts'
import type { PeerBook } from './peerBook.ts'
import { MAX_MEMPOOL_BYTES, mempoolRequestCodec, mempoolResponseCodec } from './protocols.ts'

/** Asked of any peer before a chain is known, hence outside the chain's own prefix. */
export const GENESIS_PROTOCOL = '/hydra/genesis/1'
export const MAX_GENESIS_BYTES = 1_048_576

const CONSENSUS = 'consensus/1'
const TRANSACTIONS = 'transactions/1'
const MAX_CATCH_UP_BYTES = 2 * MAX_MESSAGE_BYTES
/** Left for the frame around a list of messages. */
const FRAME_BYTES = 65_536
/** A node without news for this long asks a peer for what it missed. */
const CATCH_UP_MS = 2_000
const MEMPOOL_PULL_MS = 5_000
const REQUEST_TIMEOUT_MS = 5_000
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

export interface ExchangeParts {
  network: Network
  chain: Chain
  consensus: ConsensusHost
  mempool: Mempool
  peers: PeerBook
  clock: Clock
  logger: Logger
  random: () => number
}

/** Gossip of votes, proposals and transactions, and the requests that bring in what gossip lost. */
export class Exchange {
  readonly #parts: ExchangeParts
  readonly #timers = new Set<() => void>()
  #stopped = false

  constructor(parts: ExchangeParts) {
    this.#parts = parts
  }

  /** Hands the node's topics and protocols to the network; before the network starts. */
  serve(): void {
    const { network, chain, consensus, mempool, peers, logger } = this.#parts
    const genesis = encode(genesisCodec, chain.genesis)
    network.handle(GENESIS_PROTOCOL, { maxRequestBytes: 16, maxResponseBytes: MAX_GENESIS_BYTES }, async () => genesis)
    network.subscribe(CONSENSUS, { maxBytes: MAX_MESSAGE_BYTES }, data => consensus.onMessage(data))
    network.subscribe(TRANSACTIONS, { maxBytes: MAX_TRANSACTION_BYTES }, data => this.#onTransaction(data))
    network.handle(CONSENSUS, { maxRequestBytes: 16, maxResponseBytes: MAX_CATCH_UP_BYTES }, async request => {
      const height = decode(catchUpRequestCodec, request)
      const messages = consensus.messagesOf(height ?? 0)
      return encode(catchUpResponseCodec, chooseMessages(messages, MAX_CATCH_UP_BYTES - FRAME_BYTES))
    })
    const limits = { maxRequestBytes: 256 * 1024, maxResponseBytes: MAX_MEMPOOL_BYTES }
    network.handle(TRANSACTIONS, limits, async request => {
      const known = new Set(decode(mempoolRequestCodec, request))
      return encode(mempoolResponseCodec, mempool.missingFrom(known, MAX_MEMPOOL_BYTES - FRAME_BYTES))
    })
    mempool.added.add(({ bytes }) => {
      network.publish(TRANSACTIONS, bytes).catch(error => logger.debug('publish failed', { error: String(error) }))
    })
    peers.met.add(({ peerId }) => {
      this.#pullTransactions(peerId).catch(error => logger.debug('no transactions pulled', { error: String(error) }))
    })
  }

  /** Begins to ask peers for what was missed. */
  start(): void {
    this.#every(CATCH_UP_MS, () => this.#catchUp())
    this.#every(MEMPOOL_PULL_MS, () => this.#pullFromSomebody())
  }

  stop(): void {
    this.#stopped = true
    for (const cancel of this.#timers) cancel()
  }

  publishConsensus(message: Uint8Array): Promise<void> {
    return this.#parts.network.publish(CONSENSUS, message)
  }

  #onTransaction(data: Uint8Array): Validation {
    const { mempool } = this.#parts
    try {
      mempool.add(data)
      return 'accept'
    } catch (error) {
      const code = error instanceof HydraError ? error.code : ''
      if (PROVABLY_WRONG.has(code)) return 'reject'
      return !NEVER_EARLY.has(code) && mempool.addEarly(data) ? 'accept' : 'ignore'
    }
  }

  /** Gossip may lose messages; a height that stands still is completed by asking. */
  async #catchUp(): Promise<void> {
    const { network, random, clock, chain, consensus, peers } = this.#parts
    const { height } = consensus.progress
    const standsStillMs = clock.now() - chain.tip.time - chain.genesis.parameters.blockIntervalMs
    const voting = peers.all().filter(peer => peer.height === height - 1)
    const peer = voting[Math.floor(random() * voting.length)]
    if (!peer || standsStillMs < CATCH_UP_MS) return
    const options = { timeoutMs: REQUEST_TIMEOUT_MS, maxResponseBytes: MAX_CATCH_UP_BYTES }
    const response = await network.request(peer.peerId, CONSENSUS, encode(catchUpRequestCodec, height), options)
    for (const message of decode(catchUpResponseCodec, response)) consensus.onMessage(message)
  }

  #pullFromSomebody(): Promise<void> {
    const { peers, random } = this.#parts
    const all = peers.all()
    const peer = all[Math.floor(random() * all.length)]
    return peer ? this.#pullTransactions(peer.peerId) : Promise.resolve()
  }

  /** Brings in what gossip did not: lost messages, and what was sent before this node was connected. */
  async #pullTransactions(peer: string): Promise<void> {
    const { network, mempool } = this.#parts
    const options = { timeoutMs: REQUEST_TIMEOUT_MS, maxResponseBytes: MAX_MEMPOOL_BYTES }
    const request = encode(mempoolRequestCodec, mempool.ids())
    const response = await network.request(peer, TRANSACTIONS, request, options)
    for (const bytes of decode(mempoolResponseCodec, response)) this.#onTransaction(bytes)
  }

  #every(ms: number, run: () => Promise<void>): void {
    const cancel = this.#parts.clock.after(ms, () => {
      this.#timers.delete(cancel)
      if (this.#stopped) return
      run()
        .catch(error => this.#parts.logger.debug('a periodic task failed', { error: String(error) }))
        .finally(() => !this.#stopped && this.#every(ms, run))
    })
    this.#timers.add(cancel)
  }
}
