import type { NetworkLimits } from './limits.ts'

/** Peers remembered at most; the longest unused is forgotten first. */
const MAX_TRACKED_PEERS = 1024

interface Usage {
  tokens: number
  /** When `tokens` was true, milliseconds. */
  at: number
  active: number
}

/**
 * Who may have a request served now: a token bucket for each peer, and a bound on what is served at once for each peer
 * and for all. A released slot gives back room, never a token.
 */
export class Admission {
  readonly #limits: NetworkLimits
  readonly #now: () => number
  readonly #usage = new Map<string, Usage>()
  #active = 0

  constructor(limits: NetworkLimits, now: () => number) {
    this.#limits = limits
    this.#now = now
  }

  /** Takes a token and a slot. Only `admitted` has to be released. */
  enter(peer: string): 'admitted' | 'rateLimited' | 'busy' {
    const usage = this.#refill(peer)
    if (usage.tokens < 1) return 'rateLimited'
    if (usage.active >= this.#limits.maxConcurrentPerPeer || this.#active >= this.#limits.maxConcurrent) return 'busy'
    usage.tokens -= 1
    usage.active += 1
    this.#active += 1
    return 'admitted'
  }

  leave(peer: string): void {
    const usage = this.#usage.get(peer)
    if (usage !== undefined) usage.active -= 1
    this.#active -= 1
  }

  #refill(peer: string): Usage {
    const { requestBurst, requestsPerSecond } = this.#limits
    const now = this.#now()
    const known = this.#usage.get(peer)
    const usage = known ?? { tokens: requestBurst, at: now, active: 0 }
    usage.tokens = Math.min(requestBurst, usage.tokens + (Math.max(0, now - usage.at) * requestsPerSecond) / 1000)
    usage.at = now
    // Re-inserting keeps the map in order of last use.
    this.#usage.delete(peer)
    this.#usage.set(peer, usage)
    if (known === undefined && this.#usage.size > MAX_TRACKED_PEERS) this.#forgetIdle()
    return usage
  }

  #forgetIdle(): void {
    for (const [peer, usage] of this.#usage) {
      if (usage.active > 0) continue
      this.#usage.delete(peer)
      return
    }
  }
}

/** The same for streams, which last longer and are fewer. */
export function streamAdmission(limits: NetworkLimits, now: () => number): Admission {
  const { maxStreamsPerPeer: maxConcurrentPerPeer, maxStreams: maxConcurrent } = limits
  return new Admission({ ...limits, maxConcurrentPerPeer, maxConcurrent }, now)
}
