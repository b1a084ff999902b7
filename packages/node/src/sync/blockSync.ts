import { commitCodec } from '@hydraai/consensus'
import { type Clock, decode, encode } from '@hydraai/core'
import { blockCodec } from '@hydraai/ledger'
import { type Network, NetworkError } from '@hydraai/network'
import type { Chain } from '../chain/chain.ts'
import type { Logger } from '../ports.ts'
import type { KnownPeer, PeerBook } from './peerBook.ts'
import { blocksRequestCodec, blocksResponseCodec, MAX_BLOCKS_RESPONSE_BYTES } from './protocols.ts'

const PROTOCOL = 'blocks/1'
const BATCH = 50
const TIMEOUT_MS = 10_000
const POLL_MS = 1_000
/** A peer that sent something false or nothing is left alone for this long. */
const PENALTY_MS = 30_000
/** One that did not answer may only be busy. */
const UNREACHABLE_MS = 5_000
const MAX_PENALTIES = 1_000

export interface BlockSyncParts {
  network: Network
  chain: Chain
  peers: PeerBook
  clock: Clock
  logger: Logger
  random: () => number
  /** Called after blocks were appended, so that consensus takes up the new height. */
  onAdvanced: () => Promise<void>
}

/**
 * Brings in blocks that are final elsewhere. Believes commits, not claims: every block is checked against the committee
 * that the block before it fixed, and against every rule of the ledger.
 */
export class BlockSync {
  readonly #parts: BlockSyncParts
  readonly #penalties = new Map<string, number>()
  #running = false
  #stopped = false
  #cancel: () => void = () => {}
  #wanted = 0

  constructor(parts: BlockSyncParts) {
    this.#parts = parts
  }

  start(): void {
    const { network } = this.#parts
    const limits = { maxRequestBytes: 256, maxResponseBytes: MAX_BLOCKS_RESPONSE_BYTES }
    network.handle(PROTOCOL, limits, request => this.#serve(request))
    this.#parts.peers.learned.add(() => this.#check())
    this.#poll()
  }

  stop(): void {
    this.#stopped = true
    this.#cancel()
  }

  /**
   * The highest block any usable peer says it has; null when none is ahead of us. One that could not show the blocks it
   * claimed does not count, or a single liar would keep this node from its work.
   */
  get target(): number | null {
    const heights = this.#candidates().map(peer => peer.height)
    return heights.length > 0 ? Math.max(...heights) : null
  }

  /** A signed message showed that block `height` is final somewhere. */
  wanted(height: number): void {
    this.#wanted = Math.max(this.#wanted, height)
    this.#check()
  }

  async #serve(request: Uint8Array): Promise<Uint8Array> {
    const { from, count } = decode(blocksRequestCodec, request)
    const entries: { block: Uint8Array; commit: Uint8Array }[] = []
    let size = 0
    for (let height = Math.max(1, from); height < from + count && height <= this.#parts.chain.height; height++) {
      const entry = await this.#parts.chain.rawBlockAt(height)
      if (!entry) break
      size += entry.block.length + entry.commit.length + 64
      if (size > MAX_BLOCKS_RESPONSE_BYTES) break
      entries.push(entry)
    }
    return encode(blocksResponseCodec, entries)
  }

  #poll(): void {
    if (this.#stopped) return
    this.#check()
    this.#cancel = this.#parts.clock.after(POLL_MS, () => this.#poll())
  }

  #check(): void {
    if (this.#running || this.#stopped) return
    const { chain } = this.#parts
    const behind = Math.max(this.target ?? 0, this.#wanted) > chain.height
    if (!behind || this.#candidates().length === 0) return
    this.#running = true
    void this.#run().finally(() => {
      this.#running = false
    })
  }

  #candidates(): KnownPeer[] {
    const { peers, chain, clock } = this.#parts
    const now = clock.now()
    return peers.atLeast(chain.height + 1).filter(({ peerId }) => (this.#penalties.get(peerId) ?? 0) <= now)
  }

  async #run(): Promise<void> {
    const { chain, random, clock, logger } = this.#parts
    for (let peers = this.#candidates(); peers.length > 0 && !this.#stopped; peers = this.#candidates()) {
      const { peerId } = peers[Math.floor(random() * peers.length)]!
      const before = chain.height
      let penaltyMs = PENALTY_MS
      try {
        await this.#fetchFrom(peerId)
      } catch (error) {
        logger.warn('block sync: dropped a peer', { peer: peerId, error: String(error) })
        if (error instanceof NetworkError) penaltyMs = UNREACHABLE_MS
      }
      if (chain.height > before) await this.#parts.onAdvanced()
      else this.#penalize(peerId, clock.now() + penaltyMs)
    }
  }

  #penalize(peerId: string, until: number): void {
    const [oldest] = this.#penalties.keys()
    if (this.#penalties.size >= MAX_PENALTIES && oldest !== undefined) this.#penalties.delete(oldest)
    this.#penalties.delete(peerId)
    this.#penalties.set(peerId, until)
  }

  async #fetchFrom(peer: string): Promise<void> {
    const { chain, network } = this.#parts
    const request = encode(blocksRequestCodec, { from: chain.height + 1, count: BATCH })
    const options = { timeoutMs: TIMEOUT_MS, maxResponseBytes: MAX_BLOCKS_RESPONSE_BYTES }
    const response = await network.request(peer, PROTOCOL, request, options)
    for (const entry of decode(blocksResponseCodec, response, { maxBytes: MAX_BLOCKS_RESPONSE_BYTES })) {
      const block = decode(blockCodec, entry.block)
      if (block.header.height <= chain.height) continue
      await chain.append(block, decode(commitCodec, entry.commit))
      if (this.#stopped) return
    }
  }
}
