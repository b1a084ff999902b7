import { type Clock, decode, encode, HydraError } from '@hydraai/core'
import type { Network } from '@hydraai/network'
import type { Chain } from '../chain/chain.ts'
import type { Logger } from '../ports.ts'
import type { SyncMode, TrustedPoint } from './options.ts'
import type { KnownPeer, PeerBook } from './peerBook.ts'
import type { PeerScores } from './peerScores.ts'
import {
  BLOCKS_RESPONSE_BYTES,
  type BlockEntry,
  blocksRequestCodec,
  blocksResponseCodec,
  MAX_BLOCKS_RESPONSE_BYTES,
} from './protocols.ts'
import { BLOCKS_PROTOCOL, RangeSync } from './rangeSync.ts'
import type { SignatureChecker } from './signatures/checker.ts'

const POLL_MS = 1_000
/** A node that is further behind looks for a snapshot first, if one would spare it as many blocks. */
export const SNAPSHOT_GAIN = 1_000
/** After nobody had one that holds. */
const SNAPSHOT_AGAIN_MS = 60_000

export interface BlockSyncParts {
  network: Network
  chain: Chain
  peers: PeerBook
  clock: Clock
  logger: Logger
  random: () => number
  scores: PeerScores
  /** Checks signatures ahead of the ledger. */
  signatures: SignatureChecker
  mode: SyncMode
  /** A block that has to be the one of its height. */
  trust: TrustedPoint | null
  /** Goes on from a snapshot that lies at least `gain` blocks ahead; false when there is none. */
  takeSnapshot: (gain: number) => Promise<boolean>
  /** Called after blocks were appended, so that consensus takes up the new height. */
  onAdvanced: () => Promise<void>
}

/**
 * Brings in blocks that are final elsewhere. Believes commits, not claims: every block is checked against the committee
 * that the block before it fixed, and against every rule of the ledger.
 */
export class BlockSync {
  readonly #parts: BlockSyncParts
  #running = false
  #ranges: RangeSync | null = null
  #snapshotFrom = 0
  #stopped = false
  #cancel: () => void = () => {}
  #wanted = 0

  constructor(parts: BlockSyncParts) {
    this.#parts = parts
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
    this.#ranges?.stop()
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
    const { chain, logger } = this.#parts
    const behind = Math.max(this.target ?? 0, this.#wanted) > chain.height
    if (!behind || this.#candidates().length === 0) return
    this.#running = true
    void this.#run()
      .catch(error => this.#stopped || logger.error('sync stopped', { error: String(error) }))
      .finally(() => {
        this.#running = false
      })
  }

  async #run(): Promise<void> {
    const gain = this.#gain()
    if (gain !== null && this.#parts.clock.now() >= this.#snapshotFrom) await this.#takeSnapshot(gain)
    if (this.#stopped || this.#mustWait()) return
    this.#ranges = new RangeSync({ ...this.#parts, candidates: () => this.#candidates() })
    await this.#ranges.run()
  }

  /** How many blocks a snapshot has to spare to be worth it; null when none is wanted. */
  #gain(): number | null {
    const { mode, chain } = this.#parts
    if (mode === 'blocks') return null
    const next = chain.height + 1
    const nobodyHolds = this.#candidates().every(({ lowest }) => lowest > next)
    if (nobodyHolds || (mode === 'snapshot' && chain.height === 0)) return 1
    return this.#distance > SNAPSHOT_GAIN ? SNAPSHOT_GAIN : null
  }

  get #distance(): number {
    return (this.target ?? 0) - this.#parts.chain.height
  }

  /** Who wants a snapshot does not fetch a long chain from its first block; a young one has no snapshot yet. */
  #mustWait(): boolean {
    const { mode, chain } = this.#parts
    return mode === 'snapshot' && chain.height === 0 && this.#distance > SNAPSHOT_GAIN
  }

  async #takeSnapshot(gain: number): Promise<void> {
    const { clock, logger, onAdvanced, takeSnapshot } = this.#parts
    let taken = false
    try {
      taken = await takeSnapshot(gain)
      if (taken) await onAdvanced()
    } catch (error) {
      if (!(error instanceof HydraError)) throw error
      logger.warn('no snapshot was taken', { error: error.message, advice: error.advice })
    }
    if (!taken) this.#snapshotFrom = clock.now() + SNAPSHOT_AGAIN_MS
  }

  #candidates(): KnownPeer[] {
    const { peers, chain } = this.#parts
    return peers.atLeast(chain.height + 1).filter(({ peerId }) => this.#parts.scores.isUsable(peerId))
  }
}
