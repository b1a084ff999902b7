import type { SignedProposal, SignedVote } from '@hydraai/consensus'
import type { Address, Clock } from '@hydraai/core'
import type { Logger } from '../ports.ts'
import type { Signer } from './signer.ts'

/**
 * How long this node signs nothing after it heard another sign with its key, in block intervals: drawn between the two,
 * so that of two such nodes that hear each other one comes back first and the other stays silent.
 */
const SILENT_INTERVALS = { least: 3, most: 12 }
/** A chain younger than this has only just been founded: all of its validators begin with nothing signed. */
const FOUNDING_MS = 120_000

export interface TwinGuardParts {
  self: Address
  signer: Signer
  clock: Clock
  logger: Logger
  blockIntervalMs: number
  /** Of genesis, ms since the epoch. */
  foundedAt: number
  /** Uniform in [0, 1). */
  random: () => number
  /** Told once each time it hears another. */
  onTwin: () => void
  /** The silence of {@link TwinGuard.begin} is over, and nobody else was heard: what was not said may be said. */
  onAlone: () => void
}

/**
 * Watches for messages with this node's signature that it did not sign: they come from a second node with the same key,
 * or from this one before it lost its disk. To sign beside them would be equivocation sooner or later, which costs the
 * stake, so it stays silent for a while instead.
 */
export class TwinGuard {
  readonly #parts: TwinGuardParts
  /** Ends the silence; null while there is none. */
  #silence: (() => void) | null = null
  #heard = false

  constructor(parts: TwinGuardParts) {
    this.#parts = parts
  }

  get isSilent(): boolean {
    return this.#silence !== null
  }

  /**
   * A validator whose record of what it signed is gone, with its disk say, may have voted at the heights that it meets
   * now: until those are decided it signs nothing. Told from a new one by the age of the chain alone, so both wait.
   */
  begin(): void {
    const { signer, clock, foundedAt, blockIntervalMs, logger, onAlone } = this.#parts
    if (signer.hasSigned || clock.now() - foundedAt < FOUNDING_MS) return
    this.#beSilentFor(SILENT_INTERVALS.most * blockIntervalMs, onAlone)
    logger.info('no record of what this key has signed: silent for a while first')
  }

  /** Looks at a message whose signature was checked and which is new here. */
  heed(signed: SignedVote | SignedProposal): void {
    const { self, signer, logger, blockIntervalMs, random, onTwin } = this.#parts
    const author = 'type' in signed ? signed.validator : signed.proposer
    if (author !== self || !signer.isForeign(signed)) return
    const { least, most } = SILENT_INTERVALS
    if (!this.#heard) onTwin()
    this.#heard = true
    this.#beSilentFor((least + random() * (most - least)) * blockIntervalMs, () => {
      this.#heard = false
    })
    logger.warn('another node signs with this key', { height: signed.height, round: signed.round })
  }

  stop(): void {
    this.#silence?.()
  }

  #beSilentFor(ms: number, after: () => void): void {
    this.#silence?.()
    // A timer, for the clock may be put back.
    this.#silence = this.#parts.clock.after(ms, () => {
      this.#silence = null
      after()
    })
  }
}
