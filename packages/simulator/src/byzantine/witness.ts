import { type Commit, type Committee, verifyProposal, verifyVote } from '@hydraai/consensus'
import type { Address } from '@hydraai/core'
import type { ConsensusMessage } from '@hydraai/node'
import { Violation } from '../violation.ts'
import { chargeOfVote } from './accuse.ts'
import { Testimony } from './testimony.ts'

/** Heights whose messages are remembered, counted from the newest. */
const KEPT_HEIGHTS = 40
/** Messages that wait for a height to be reached by somebody honest, and how many heights those may be. */
const MAX_EARLY = 20_000

export interface WitnessParts {
  readonly chainId: string
  /** Who votes on a height; undefined while nobody honest knows. */
  readonly committeeOf: (height: number) => Committee | undefined
}

/**
 * Remembers every signed message that an honest machine said or heard, and holds against honest machines what nobody
 * honest does: the lock is kept, a precommit has its polka, nothing is said twice. So nobody honest can be accused when
 * others break safety.
 */
export class Witness {
  readonly #parts: WitnessParts
  readonly #testimonies = new Map<number, Testimony>()
  /** What was looked at. */
  readonly #known = new WeakSet<ConsensusMessage>()
  /** Messages of heights that nobody honest has reached: honest machines keep them too. */
  #early: ConsensusMessage[] = []

  constructor(parts: WitnessParts) {
    this.#parts = parts
  }

  /** A message that an honest machine heard. What is badly signed, or of a height that nobody has reached, says nothing. */
  hear(message: ConsensusMessage): void {
    if (this.#known.has(message)) return
    this.#known.add(message)
    this.#believe(message)
  }

  /**
   * A message that the honest machine `self` is about to send. `held` is what it has of that height, beyond what it
   * said aloud: a vote that was logged when the process ended counts for it and may never have left.
   * @throws Violation when the message is its own and nobody honest would
   */
  say(self: Address, message: ConsensusMessage, held: () => readonly ConsensusMessage[]): void {
    this.hear(message)
    if (message.type !== 'vote' || message.vote.validator !== self) return
    const testimony = this.#testimonies.get(message.vote.height)
    if (testimony === undefined || chargeOfVote(testimony, message.vote) === null) return
    for (const one of held()) this.hear(one)
    const charge = chargeOfVote(testimony, message.vote)
    if (charge) throw new Violation('accountability', `${self} is honest, yet guilty of ${JSON.stringify(charge)}`)
  }

  /** The committee of the message's height, if the message is known to be signed by who is named in it. */
  believed(message: ConsensusMessage): Committee | null {
    const testimony = this.#testimonies.get(heightOf(message))
    if (testimony === undefined) return null
    const isTrue = message.type === 'vote' ? testimony.has(message.vote) : testimony.hasProposal(message.proposal)
    return isTrue ? testimony.committee : null
  }

  /** A commit that somebody honest believed. */
  commit(commit: Commit): void {
    this.#testimonyOf(commit.height)?.addCommit(commit)
  }

  /** Everything seen of a height; undefined when it was forgotten or never known. */
  testimonyOf(height: number): Testimony | undefined {
    return this.#testimonies.get(height)
  }

  #believe(message: ConsensusMessage): void {
    try {
      this.#take(message)
    } catch {
      // Nobody honest believes it either.
    }
  }

  #take(message: ConsensusMessage): void {
    const { chainId } = this.#parts
    const testimony = this.#testimonyOf(heightOf(message))
    if (testimony === undefined) {
      if (this.#early.length < MAX_EARLY) this.#early.push(message)
    } else if (message.type === 'vote') {
      verifyVote(chainId, testimony.committee, message.vote)
      testimony.addVote(message.vote)
    } else {
      verifyProposal(chainId, testimony.committee, message.proposal)
      testimony.addProposal(message.proposal)
    }
  }

  #testimonyOf(height: number): Testimony | undefined {
    const known = this.#testimonies.get(height)
    const committee = known ? undefined : this.#parts.committeeOf(height)
    if (committee === undefined) return known
    const testimony = new Testimony(committee)
    this.#testimonies.set(height, testimony)
    this.#testimonies.delete(height - KEPT_HEIGHTS)
    const early = this.#early.filter(message => heightOf(message) >= height)
    this.#early = []
    for (const message of early) this.#believe(message)
    return testimony
  }
}

function heightOf(message: ConsensusMessage): number {
  return message.type === 'vote' ? message.vote.height : message.proposal.height
}
