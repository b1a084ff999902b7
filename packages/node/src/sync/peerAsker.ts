import { HydraError } from '@hydraai/core'
import { type Network, NetworkError } from '@hydraai/network'
import type { Logger } from '../ports.ts'
import type { KnownPeer, PeerBook } from './peerBook.ts'
import type { PeerScores } from './peerScores.ts'

const TIMEOUT_MS = 10_000

/** Asks peers one thing after another until one answers well; who answers wrongly is left alone. */
export class PeerAsker {
  readonly #network: Network
  readonly #peers: PeerBook
  readonly #scores: PeerScores
  readonly #logger: Logger
  readonly #random: () => number

  constructor(parts: {
    network: Network
    peers: PeerBook
    scores: PeerScores
    logger: Logger
    random: () => number
  }) {
    this.#network = parts.network
    this.#peers = parts.peers
    this.#scores = parts.scores
    this.#logger = parts.logger
    this.#random = parts.random
  }

  /** Usable peers that say they know block `height`, in an order of chance. */
  candidates(height: number): string[] {
    return this.#usable(peer => peer.height >= height)
  }

  /** The first answer that is not null, from whoever gives it; null when nobody does. */
  async first<T>(
    among: (peer: KnownPeer) => boolean,
    ask: (peer: string) => Promise<T | null>,
  ): Promise<{ peer: string; value: T } | null> {
    for (const peer of this.#usable(among)) {
      try {
        const value = await ask(peer)
        if (value !== null) return { peer, value }
      } catch (error) {
        this.blame(peer, error)
      }
    }
    return null
  }

  ask(peer: string, protocol: string, request: Uint8Array, maxResponseBytes: number): Promise<Uint8Array> {
    return this.#network.request(peer, protocol, request, { timeoutMs: TIMEOUT_MS, maxResponseBytes })
  }

  /** A request to the peer failed, or its answer is no good. Says nothing, so that it can end a chain of promises. */
  blame(peer: string, error: unknown): null {
    if (error instanceof NetworkError) {
      // Whoever does not offer this may well offer blocks.
      if (error.code !== 'PROTOCOL_UNSUPPORTED') this.#scores.unreachable(peer)
    } else if (error instanceof HydraError) this.lied(peer, error)
    else throw error
    return null
  }

  lied(peer: string, error: unknown): void {
    this.#logger.warn('sync: dropped a peer', { peer, error: String(error) })
    this.#scores.lied(peer)
  }

  #usable(among: (peer: KnownPeer) => boolean): string[] {
    return this.#peers
      .all()
      .filter(peer => among(peer) && this.#scores.isUsable(peer.peerId))
      .map(({ peerId }) => ({ peerId, order: this.#random() }))
      .sort((a, b) => a.order - b.order)
      .map(({ peerId }) => peerId)
  }
}
