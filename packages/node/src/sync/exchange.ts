import { type Clock, decode, encode } from '@hydraai/core'
import { genesisCodec } from '@hydraai/ledger'
import type { Network } from '@hydraai/network'
import type { Chain } from '../chain/chain.ts'
import type { ConsensusHost } from '../consensus/host.ts'
import { catchUpRequestCodec, catchUpResponseCodec, chooseMessages, MAX_MESSAGE_BYTES } from '../consensus/messages.ts'
import { PartsPull } from '../consensus/partsPull.ts'
import type { Mempool } from '../mempool/mempool.ts'
import { TransactionGossip } from '../mempool/transactionGossip.ts'
import type { Logger } from '../ports.ts'
import type { PeerBook } from './peerBook.ts'

/** Asked of any peer before a chain is known, hence outside the chain's own prefix. */
export const GENESIS_PROTOCOL = '/hydra/genesis/1'
export const MAX_GENESIS_BYTES = 1_048_576

const CONSENSUS = 'consensus/1'
const MAX_CATCH_UP_BYTES = 2 * 1024 * 1024
/** Left for the frame around a list of messages. */
const FRAME_BYTES = 65_536
/** A node without news for this long asks a peer for what it missed. */
const CATCH_UP_MS = 2_000
const MEMPOOL_PULL_MS = 5_000
const REQUEST_TIMEOUT_MS = 5_000

export interface ExchangeParts {
  network: Network
  chain: Pick<Chain, 'genesis' | 'tip'>
  consensus: Pick<
    ConsensusHost,
    'onMessage' | 'messagesOf' | 'progress' | 'incomplete' | 'missingOf' | 'onParts' | 'partsFor'
  >
  mempool: Mempool
  peers: Pick<PeerBook, 'all' | 'met'>
  clock: Clock
  logger: Logger
  random: () => number
}

/** Gossip of votes, proposals and transactions, and the requests that bring in what gossip lost. */
export class Exchange {
  readonly #parts: ExchangeParts
  readonly #transactions: TransactionGossip
  readonly #blockParts: PartsPull
  readonly #timers = new Set<() => void>()
  #stopped = false

  constructor(parts: ExchangeParts) {
    this.#parts = parts
    this.#transactions = new TransactionGossip(parts)
    this.#blockParts = new PartsPull({ ...parts, peers: () => this.#voting() })
  }

  /** Hands the node's topics and protocols to the network; before the network starts. */
  serve(): void {
    const { network, chain, consensus, peers, logger } = this.#parts
    const genesis = encode(genesisCodec, chain.genesis)
    network.handle(GENESIS_PROTOCOL, { maxRequestBytes: 16, maxResponseBytes: MAX_GENESIS_BYTES }, async () => genesis)
    network.subscribe(CONSENSUS, { maxBytes: MAX_MESSAGE_BYTES }, data => consensus.onMessage(data))
    network.handle(CONSENSUS, { maxRequestBytes: 16, maxResponseBytes: MAX_CATCH_UP_BYTES }, async request => {
      const height = decode(catchUpRequestCodec, request)
      const messages = consensus.messagesOf(height ?? 0)
      return encode(catchUpResponseCodec, chooseMessages(messages, MAX_CATCH_UP_BYTES - FRAME_BYTES))
    })
    this.#transactions.serve()
    this.#blockParts.serve()
    peers.met.add(({ peerId }) => {
      this.#transactions.pull(peerId).catch(error => logger.debug('no transactions pulled', { error: String(error) }))
    })
  }

  /** Begins to ask peers for what was missed. */
  start(): void {
    this.#every(CATCH_UP_MS, () => this.#catchUp())
    this.#every(MEMPOOL_PULL_MS, () => this.#pullFromSomebody())
  }

  stop(): void {
    this.#stopped = true
    this.#transactions.stop()
    this.#blockParts.stop()
    for (const cancel of this.#timers) cancel()
  }

  publishConsensus(message: Uint8Array): Promise<void> {
    return this.#parts.network.publish(CONSENSUS, message)
  }

  /** Peers that vote on the same height. */
  #voting(): string[] {
    const { consensus, peers } = this.#parts
    const { height } = consensus.progress
    return peers.all().flatMap(peer => (peer.height === height - 1 ? [peer.peerId] : []))
  }

  /** Gossip may lose messages; a height that stands still is completed by asking. */
  async #catchUp(): Promise<void> {
    const { network, random, clock, chain, consensus } = this.#parts
    const { height } = consensus.progress
    const standsStillMs = clock.now() - chain.tip.time - chain.genesis.parameters.blockIntervalMs
    const voting = this.#voting()
    const peer = voting[Math.floor(random() * voting.length)]
    if (peer === undefined || standsStillMs < CATCH_UP_MS) return
    const options = { timeoutMs: REQUEST_TIMEOUT_MS, maxResponseBytes: MAX_CATCH_UP_BYTES }
    const response = await network.request(peer, CONSENSUS, encode(catchUpRequestCodec, height), options)
    for (const message of decode(catchUpResponseCodec, response)) consensus.onMessage(message)
  }

  #pullFromSomebody(): Promise<void> {
    const { peers, random } = this.#parts
    const all = peers.all()
    const peer = all[Math.floor(random() * all.length)]
    return peer ? this.#transactions.pull(peer.peerId) : Promise.resolve()
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
