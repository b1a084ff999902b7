import { type Clock, decode, encode } from '@hydraai/core'
import type { Network } from '@hydraai/network'
import type { Chain } from '../chain/chain.ts'
import type { Logger } from '../ports.ts'
import type { KnownPeer, PeerBook } from './peerBook.ts'
import { PeerScores } from './peerScores.ts'
import {
  BLOCKS_RESPONSE_BYTES,
  type BlockEntry,
  blocksRequestCodec,
  blocksResponseCodec,
  MAX_BLOCKS_RESPONSE_BYTES,
} from './protocols.ts'
import { BLOCKS_PROTOCOL, RangeSync } from './rangeSync.ts'
import { noChecker, type SignatureChecker } from './signatures/checker.ts'

const POLL_MS = 1_000

export interface BlockSyncParts {
  network: Network
  chain: Chain
  peers: PeerBook
  clock: Clock
  logger: Logger
  random: () => number
  /** Checks signatures ahead of the ledger; without one the ledger checks them itself. */
  signatures?: SignatureChecker
  /** Called after blocks were appended, so that consensus takes up the new height. */
  onAdvanced: () => Promise<void>
}

/**
 * Brings in blocks that are final elsewhere. Believes commits, not claims: every block is checked against the committee
 * that the block before it fixed, and against every rule of the ledger.
 */
export class BlockSync {
  readonly scores: PeerScores
  readonly #parts: BlockSyncParts
  #running: RangeSync | null = null
  #stopped = false
  #cancel: () => void = () => {}
  #wanted = 0

  constructor(parts: BlockSyncParts) {
    this.#parts = parts
    this.scores = new PeerScores(parts.clock)
  }

  start(): void {
    const { network } = this.#parts
    const limits = { maxRequestBytes: 256, maxResponseBytes: MAX_BLOCKS_RESPONSE_BYTES }
    network.handle(BLOCKS_PROTOCOL, limits, request => this.#serve(request))
    this.#parts.peers.learned.add(() => this.#check())
    this.#poll()
  }

  stop(): void {
    this.#stopped = true
    this.#running?.stop()
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
    const entries: BlockEntry[] = []
    let size = 0
    for (let height = Math.max(1, from); height < from + count && height <= this.#parts.chain.height; height++) {
      const entry = await this.#parts.chain.rawBlockAt(height)
      if (!entry) break
      entries.push(entry)
      size += entry.block.length + entry.commit.length + 64
      if (size > BLOCKS_RESPONSE_BYTES) break
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
    const candidates = this.#candidates()
    const behind = Math.max(this.target ?? 0, this.#wanted) > chain.height
    if (!behind || candidates.length === 0) return
    const { logger } = this.#parts
    this.#running = new RangeSync({
      ...this.#parts,
      signatures: this.#parts.signatures ?? noChecker,
      scores: this.scores,
      candidates: () => this.#candidates(),
    })
    void this.#running
      .run()
      .catch(error => logger.error('block sync stopped', { error: String(error) }))
      .finally(() => {
        this.#running = null
      })
  }

  #candidates(): KnownPeer[] {
    const { peers, chain } = this.#parts
    return peers.atLeast(chain.height + 1).filter(({ peerId }) => this.scores.isUsable(peerId))
  }
}
