import type { SignedProposal, SignedVote } from '@hydraai/consensus'
import type { Address, Clock } from '@hydraai/core'
import type { Logger } from '../ports.ts'
import type { Signer } from './signer.ts'

/**
 * How long this node signs nothing after it heard another sign with its key, in block intervals: drawn between the two,
 * so that of two such nodes that hear each other one comes back first and the other stays silent.
 */
const SILENT_INTERVALS = { least: 3, most: 12 }

export interface TwinGuardParts {
  self: Address
  signer: Signer
  clock: Clock
  logger: Logger
  blockIntervalMs: number
  /** Uniform in [0, 1). */
  random: () => number
  /** Told once each time the silence begins. */
  onTwin: () => void
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

  constructor(parts: TwinGuardParts) {
    this.#parts = parts
  }

  get isSilent(): boolean {
    return this.#silence !== null
  }

  /** Looks at a message whose signature was checked and which is new here. */
  heed(signed: SignedVote | SignedProposal): void {
    const { self, signer, clock, logger, blockIntervalMs, random, onTwin } = this.#parts
    const author = 'type' in signed ? signed.validator : signed.proposer
    if (author !== self || !signer.isForeign(signed)) return
    const { least, most } = SILENT_INTERVALS
    if (this.#silence === null) onTwin()
    this.#silence?.()
    // A timer, for the clock may be put back.
    this.#silence = clock.after((least + random() * (most - least)) * blockIntervalMs, () => {
      this.#silence = null
    })
    logger.warn('another node signs with this key', { height: signed.height, round: signed.round })
  }

  stop(): void {
    this.#silence?.()
  }
}
