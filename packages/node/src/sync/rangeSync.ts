import { type Clock, decode, encode, HydraError } from '@hydraai/core'
import { type Network, NetworkError } from '@hydraai/network'
import type { Chain } from '../chain/chain.ts'
import type { Logger } from '../ports.ts'
import type { TrustedPoint } from './options.ts'
import type { KnownPeer } from './peerBook.ts'
import type { PeerScores } from './peerScores.ts'
import { applyPrepared, type Prepared, prepare } from './prepared.ts'
import { type BlockEntry, blocksRequestCodec, blocksResponseCodec, MAX_BLOCKS_RESPONSE_BYTES } from './protocols.ts'
import { type Range, RangePlan } from './rangePlan.ts'
import type { SignatureChecker } from './signatures/checker.ts'

export const BLOCKS_PROTOCOL = 'blocks/1'
const LIMITS = { rangeBlocks: 50, maxRanges: 8, maxBytes: 32 * 1024 * 1024 }
/** Requests to one peer at the same time: the next is on its way while one is being answered. */
const REQUESTS_PER_PEER = 2
/** Ranges that are decoded, and their signatures on the way to be checked, before their turn. */
const PREPARED_AHEAD = 3
const TIMEOUT_MS = 10_000
/** Another peer is asked too for what takes this many times as long as an answer usually does. */
const LATE_FACTOR = 3
const MIN_LATE_MS = 500
const MAX_LATE_MS = 4_000
/** Until an answer has shown how long one takes. */
const FIRST_GUESS_MS = 700

export interface RangeSyncParts {
  readonly network: Network
  readonly chain: Chain
  readonly clock: Clock
  readonly logger: Logger
  readonly random: () => number
  readonly scores: PeerScores
  readonly signatures: SignatureChecker
  /** A block that has to be the one of its height. */
  readonly trust: TrustedPoint | null
  /** Peers that may be asked now, with what they say they hold. */
  readonly candidates: () => readonly KnownPeer[]
  /** Called when blocks were appended. */
  readonly onAdvanced: () => Promise<void>
}

interface Request {
  readonly range: Range
  readonly peer: string
  readonly since: number
  readonly stop: AbortController
}

/**
 * Fetches ranges of blocks from all peers that hold them, several at once, and applies them in order. What takes much
 * longer than usual is asked of another peer too, and the slower one is asked less; who sends what is wrong is left
 * alone, and all that came from there is fetched again elsewhere. At most {@link LIMITS} waits in memory.
 */
export class RangeSync {
  readonly #parts: RangeSyncParts
  readonly #plan: RangePlan
  readonly #requests = new Set<Request>()
  readonly #prepared = new Map<Range, Promise<Prepared>>()
  /** How long answers took lately, by peer; and over all of them. */
  readonly #paces = new Map<string, number>()
  #usualMs = FIRST_GUESS_MS
  #wake: () => void = () => {}
  #stopped = false

  constructor(parts: RangeSyncParts) {
    this.#parts = parts
    this.#plan = new RangePlan(parts.chain.height + 1, LIMITS)
  }

  /** Resolves when no usable peer holds the next block. @throws HydraError when this node itself cannot go on */
  async run(): Promise<void> {
    try {
      while (!this.#stopped) {
        this.#ask()
        const { head } = this.#plan
        if (head?.answer) await this.#take(head)
        else if (this.#requests.size === 0) return
        else await new Promise<void>(resolve => (this.#wake = resolve))
      }
    } finally {
      this.stop()
    }
  }

  stop(): void {
    this.#stopped = true
    for (const { stop } of this.#requests) stop.abort()
    this.#wake()
  }

  /** Gives every free peer something to fetch. */
  #ask(): void {
    if (this.#stopped) return
    const candidates = this.#parts.candidates()
    this.#plan.reached(this.#parts.chain.height)
    this.#plan.extend(Math.max(0, ...candidates.map(({ height }) => height)))
    for (const range of this.#plan.ranges) {
      if (range.answer !== null) continue
      const asked = [...this.#requests].filter(request => request.range === range)
      const late = range === this.#plan.head && asked.every(request => this.#isLate(request))
      if (asked.length > (late ? 1 : 0)) continue
      const peer = this.#choose(candidates, range, asked)
      if (peer !== null) void this.#request(range, peer)
    }
  }

  /** The least busy peer that holds the range's first block, among them the quickest. */
  #choose(candidates: readonly KnownPeer[], { from }: Range, asked: readonly Request[]): string | null {
    let best: { peer: string; load: number; pace: number } | null = null
    for (const { peerId: peer, height, lowest } of candidates) {
      if (height < from || lowest > from || asked.some(request => request.peer === peer)) continue
      const load = [...this.#requests].filter(request => request.peer === peer).length
      if (load >= REQUESTS_PER_PEER) continue
      const pace = (this.#paces.get(peer) ?? 0) + this.#parts.random()
      if (best === null || load < best.load || (load === best.load && pace < best.pace)) best = { peer, load, pace }
    }
    return best?.peer ?? null
  }

  #isLate({ since }: Request): boolean {
    return this.#parts.clock.now() - since >= this.#lateMs
  }

  get #lateMs(): number {
    return Math.max(MIN_LATE_MS, Math.min(MAX_LATE_MS, LATE_FACTOR * this.#usualMs))
  }

  async #request(range: Range, peer: string): Promise<void> {
    const { network, clock } = this.#parts
    const request: Request = { range, peer, since: clock.now(), stop: new AbortController() }
    this.#requests.add(request)
    const cancel = clock.after(this.#lateMs, () => this.#wake())
    try {
      const body = encode(blocksRequestCodec, { from: range.from, count: range.to - range.from + 1 })
      const { signal } = request.stop
      const options = { timeoutMs: TIMEOUT_MS, maxResponseBytes: MAX_BLOCKS_RESPONSE_BYTES, signal }
      const response = await network.request(peer, BLOCKS_PROTOCOL, body, options)
      this.#onAnswer(request, decode(blocksResponseCodec, response, { maxBytes: MAX_BLOCKS_RESPONSE_BYTES }))
    } catch (error) {
      if (!request.stop.signal.aborted) this.#blame(peer, error)
    } finally {
      cancel()
      this.#requests.delete(request)
      this.#ask()
      this.#wake()
    }
  }

  #onAnswer(request: Request, entries: readonly BlockEntry[]): void {
    const { range, peer, since } = request
    const { clock, scores, logger } = this.#parts
    if (entries.length === 0) throw new HydraError('BLOCKS_MISSING', `It does not have block ${range.from}.`)
    const ms = clock.now() - since
    this.#paces.set(peer, 0.5 * (this.#paces.get(peer) ?? ms) + 0.5 * ms)
    this.#usualMs = 0.8 * this.#usualMs + 0.2 * ms
    if (range.answer !== null || !this.#plan.has(range)) return
    const others = [...this.#requests].filter(other => other !== request && other.range === range)
    for (const other of others) {
      other.stop.abort()
      if (other.since < since && scores.slow(other.peer))
        logger.warn('block sync: a peer is too slow and rests', { peer: other.peer })
    }
    if (others.length === 0) scores.good(peer)
    this.#plan.answer(range, peer, entries)
    this.#prepareAhead()
  }

  #blame(peer: string, error: unknown): void {
    const { scores, logger, chain } = this.#parts
    logger.warn('block sync: dropped a peer', { peer, error: String(error) })
    if (error instanceof NetworkError) scores.unreachable(peer)
    else scores.lied(peer)
    this.#plan.forget(peer, chain.height + 1)
  }

  #prepareAhead(): void {
    const { chain, clock, signatures, trust } = this.#parts
    let before: Promise<unknown> = Promise.resolve()
    for (const range of this.#plan.ranges.slice(0, PREPARED_AHEAD)) {
      if (range.answer === null) return
      const known = this.#prepared.get(range)
      // One after the other: the first is needed first.
      const { entries } = range.answer
      const preparing = known ?? before.then(() => prepare({ chain, clock, signatures, trust }, range.from, entries))
      if (!known) {
        preparing.catch(() => {})
        this.#prepared.set(range, preparing)
      }
      before = preparing.catch(() => {})
    }
  }

  async #take(range: Range): Promise<void> {
    const { chain, clock } = this.#parts
    const { peer } = range.answer!
    const before = chain.height
    this.#prepareAhead()
    try {
      await applyPrepared({ chain, clock, stopped: () => this.#stopped }, await this.#prepared.get(range)!)
      this.#plan.reached(chain.height)
    } catch (error) {
      if (isOwnFault(error)) throw error
      this.#blame(peer, error)
    } finally {
      this.#prepared.delete(range)
    }
    this.#prepareAhead()
    if (chain.height > before) await this.#parts.onAdvanced()
  }
}

/** A disk that is full or broken, a fault in the code: no other peer could help. */
function isOwnFault(error: unknown): boolean {
  return !(error instanceof HydraError) || error.code.startsWith('STORAGE_')
}
