/** Blame halves in this time, in milliseconds. */
const HALF_LIFE_MS = 60_000
const MAX_TRACKED_PEERS = 4096

/** A peer with this much blame is disconnected, and refused until enough of it has faded. */
export const BAN_THRESHOLD = 100

/** How much blame one act brings. */
export const Blame = { rejectedMessage: 5, malformedRequest: 5, silentStream: 2 } as const

/** Blame by peer, fading with time: what feeds the gossip score and the connection gater. */
export class Misbehaviour {
  readonly #now: () => number
  readonly #blame = new Map<string, { amount: number; at: number }>()

  constructor(now: () => number) {
    this.#now = now
  }

  /** Adds to a peer's blame and gives the sum. */
  add(peer: string, amount: number): number {
    const sum = this.of(peer) + amount
    this.#blame.delete(peer)
    this.#blame.set(peer, { amount: sum, at: this.#now() })
    if (this.#blame.size > MAX_TRACKED_PEERS) {
      for (const oldest of this.#blame.keys()) {
        this.#blame.delete(oldest)
        break
      }
    }
    return sum
  }

  /** The blame that is left by now. */
  of(peer: string): number {
    const entry = this.#blame.get(peer)
    if (entry === undefined) return 0
    return entry.amount * 0.5 ** ((this.#now() - entry.at) / HALF_LIFE_MS)
  }

  isBanned(peer: string): boolean {
    return this.of(peer) >= BAN_THRESHOLD
  }
}
