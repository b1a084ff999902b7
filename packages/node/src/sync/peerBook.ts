import { type Clock, decode, encode, type Hash } from '@hydraai/core'
import type { Network } from '@hydraai/network'
import { Listeners } from '../listeners.ts'
import type { Logger } from '../ports.ts'
import { MAX_STATUS_BYTES, type Status, statusCodec } from './protocols.ts'

const PROTOCOL = 'status/1'
const REFRESH_MS = 3_000
const TIMEOUT_MS = 5_000

export interface KnownPeer extends Status {
  readonly peerId: string
}

/**
 * What each connected peer says of itself. A peer of another network or with another engine is never used: its
 * results could not be compared with ours.
 */
export class PeerBook {
  readonly learned = new Listeners<KnownPeer>()
  /** A peer whose first status came in. */
  readonly met = new Listeners<KnownPeer>()
  /** A peer that cannot be one of ours, with the reason in words. */
  readonly strangers = new Listeners<{ peerId: string; reason: string }>()
  readonly #network: Network
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #own: () => Status
  readonly #peers = new Map<string, KnownPeer>()
  /** Connected strangers that were told of. */
  readonly #refused = new Set<string>()
  #cancel: () => void = () => {}
  #stopped = false

  constructor(parts: { network: Network; clock: Clock; logger: Logger; own: () => Status }) {
    this.#network = parts.network
    this.#clock = parts.clock
    this.#logger = parts.logger
    this.#own = parts.own
  }

  start(): void {
    const limits = { maxRequestBytes: MAX_STATUS_BYTES, maxResponseBytes: MAX_STATUS_BYTES }
    this.#network.handle(PROTOCOL, limits, async (request, from) => {
      this.#learn(from, request)
      return encode(statusCodec, this.#own())
    })
    this.#network.onPeerChange(({ peerId, connected }) => {
      if (connected) void this.#ask(peerId)
      else this.#forget(peerId)
    })
    this.#tick()
  }

  stop(): void {
    this.#stopped = true
    this.#cancel()
  }

  /** Peers of this network, connected now, in the order of their ids. */
  all(): KnownPeer[] {
    return [...this.#peers.values()].sort((a, b) => (a.peerId < b.peerId ? -1 : 1))
  }

  get(peerId: string): KnownPeer | undefined {
    return this.#peers.get(peerId)
  }

  /** Peers that say they know block `height` to be final, whether they still hold it or not. */
  atLeast(height: number): KnownPeer[] {
    return this.all().filter(peer => peer.height >= height)
  }

  #forget(peerId: string): void {
    this.#peers.delete(peerId)
    this.#refused.delete(peerId)
  }

  #tick(): void {
    if (this.#stopped) return
    const connected = this.#network.peers().map(({ peerId }) => peerId)
    for (const peerId of [...this.#peers.keys(), ...this.#refused])
      if (!connected.includes(peerId)) this.#forget(peerId)
    for (const peerId of connected) void this.#ask(peerId)
    this.#cancel = this.#clock.after(REFRESH_MS, () => this.#tick())
  }

  async #ask(peerId: string): Promise<void> {
    if (this.#stopped) return
    try {
      const request = encode(statusCodec, this.#own())
      const options = { timeoutMs: TIMEOUT_MS, maxResponseBytes: MAX_STATUS_BYTES }
      this.#learn(peerId, await this.#network.request(peerId, PROTOCOL, request, options))
    } catch (error) {
      this.#logger.debug('peer gave no status', { peerId, error: String(error) })
    }
  }

  #learn(peerId: string, bytes: Uint8Array): void {
    const status = decode(statusCodec, bytes, { maxBytes: MAX_STATUS_BYTES })
    const reason = this.#strangeness(status)
    if (reason !== null) {
      this.#peers.delete(peerId)
      // Once a connection, however often it introduces itself.
      if (!this.#refused.has(peerId)) this.strangers.emit({ peerId, reason })
      this.#refused.add(peerId)
      return
    }
    const peer = { ...status, peerId }
    const known = this.#peers.has(peerId)
    this.#peers.set(peerId, peer)
    this.learned.emit(peer)
    if (!known) this.met.emit(peer)
  }

  #strangeness(status: Status): string | null {
    const own = this.#own()
    if (status.genesis !== own.genesis) return `it belongs to another network (genesis ${short(status.genesis)})`
    if (status.engine !== own.engine)
      return `its engine is ${short(status.engine)}, ours ${short(own.engine)}; both must run the same release`
    return null
  }
}

function short(hash: Hash): string {
  return hash.slice(0, 10)
}
