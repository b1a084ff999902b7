import type { Clock } from '@hydraai/core'

/** A peer that sent something false is left alone for this long, twice as long each time it does so again. */
const LIE_MS = 30_000
const MAX_LIE_MS = 3_600_000
/** One that did not answer, or far too slowly, may only be busy. */
const SLOW_MS = 5_000
/** Requests in a row in which others were much faster, after which a peer is left alone for a while. */
const MAX_SLOW = 2
const MAX_PEERS = 1_000

interface Score {
  /** Not asked before this time. */
  restsUntil: number
  lies: number
  /** Slow answers in a row. */
  slow: number
}

/** What this node found of its peers while it fetched from them. */
export class PeerScores {
  readonly #clock: Clock
  readonly #scores = new Map<string, Score>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  isUsable(peer: string): boolean {
    return (this.#scores.get(peer)?.restsUntil ?? 0) <= this.#clock.now()
  }

  /** It sent what is provably wrong, or not what it said it has. */
  lied(peer: string): void {
    const score = this.#scoreOf(peer)
    const restMs = Math.min(MAX_LIE_MS, LIE_MS * 2 ** Math.min(score.lies, 10))
    score.lies++
    this.#rest(score, restMs)
  }

  unreachable(peer: string): void {
    this.#rest(this.#scoreOf(peer), SLOW_MS)
  }

  /** Another peer had to be asked for the same; says whether this one is to be left alone now. */
  slow(peer: string): boolean {
    const score = this.#scoreOf(peer)
    if (++score.slow < MAX_SLOW) return false
    score.slow = 0
    this.#rest(score, SLOW_MS)
    return true
  }

  /** It answered, and nobody else had to be asked. */
  good(peer: string): void {
    const score = this.#scores.get(peer)
    if (score) score.slow = 0
  }

  /** A short rest never ends a longer one. */
  #rest(score: Score, ms: number): void {
    score.restsUntil = Math.max(score.restsUntil, this.#clock.now() + ms)
  }

  #scoreOf(peer: string): Score {
    const score = this.#scores.get(peer) ?? { restsUntil: 0, lies: 0, slow: 0 }
    // The one that was thought of last goes to the end: who was forgotten longest goes first.
    this.#scores.delete(peer)
    this.#scores.set(peer, score)
    const [oldest] = this.#scores.keys()
    if (this.#scores.size > MAX_PEERS && oldest !== undefined) this.#scores.delete(oldest)
    return score
  }
}
