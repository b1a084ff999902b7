import {
  type Committee,
  proposerOf,
  type SignedProposal,
  type SignedVote,
  verifyProposal,
  verifyVote,
} from '@hydraai/consensus'
import { decode, equalBytes } from '@hydraai/core'
import type { Validation } from '@hydraai/network'
import { Listeners } from '../listeners.ts'
import type { BlockJudge, Candidate } from './blocks.ts'
import type { Candidates } from './candidates.ts'
import { MessageHistory } from './messageHistory.ts'
import { type ConsensusMessage, consensusMessageCodec } from './messages.ts'
import { keyOf } from './records.ts'

const MAX_PROPOSALS_A_ROUND = 2
/** How many rounds ahead a proposal is taken: whoever is further behind gets it by asking, once in that round. */
const MAX_PROPOSAL_LEAD = 32
const EARLY_BOUNDS = { maxBytes: 32 * 1024 * 1024, maxCount: 2_000 }

/** What is voted on now. `begun` is false while the pace makes the next height wait. */
export interface HeightView {
  readonly height: number
  readonly committee: Committee
  readonly round: number
  readonly begun: boolean
}

/** A message that passed, on its way to the machine. */
export type News =
  | { readonly type: 'vote'; readonly vote: SignedVote }
  | { readonly type: 'proposal'; readonly proposal: SignedProposal; readonly candidate: Candidate }

/** Judges what the network brings before it may cost anything: form, signature, place and amount. */
export class Intake {
  /** A validator's signed message says that the network is beyond this height. */
  readonly behind = new Listeners<number>()
  readonly #parts: {
    readonly chainId: string
    readonly judge: BlockJudge
    readonly candidates: Candidates
    readonly history: MessageHistory
    readonly view: () => HeightView
  }
  /** How many proposals of a round were taken. */
  readonly #proposed = new Map<number, number>()
  /** Messages of a height that has not begun here. */
  readonly #early = new MessageHistory(EARLY_BOUNDS)

  constructor(parts: {
    chainId: string
    judge: BlockJudge
    candidates: Candidates
    history: MessageHistory
    view: () => HeightView
  }) {
    this.#parts = parts
  }

  /** Whether a message may be passed on, and what of it the machine has not seen. */
  take(data: Uint8Array): { validation: Validation; news: News | null } {
    let message: ConsensusMessage
    try {
      message = decode(consensusMessageCodec, data)
    } catch {
      return only('reject')
    }
    const { history } = this.#parts
    const now = this.#parts.view()
    const { height } = message.type === 'vote' ? message.vote : message.proposal
    if (height < now.height) return only('ignore')
    if (height === now.height && history.holds(keyOf(message), data)) return only('accept')
    if (!this.#signatureHolds(message, now)) return only(height === now.height ? 'reject' : 'ignore')
    if (height > now.height || !now.begun) return only(this.#keepEarly(message, data, height, now))
    // The same vote under another signature, or a known proposal with another body: no news, so it goes no further.
    if (history.has(keyOf(message))) return only('ignore')
    if (message.type === 'vote') return { validation: 'accept', news: { type: 'vote', vote: message.vote } }
    return this.#takeProposal(message, data, now)
  }

  /** The messages that came before their height began; they are handed out once. */
  releaseEarly(): Uint8Array[] {
    const early = this.#early.messages()
    this.#early.clear()
    return early
  }

  countProposal(round: number): void {
    this.#proposed.set(round, (this.#proposed.get(round) ?? 0) + 1)
  }

  beginHeight(): void {
    this.#proposed.clear()
  }

  #signatureHolds(message: ConsensusMessage, { committee }: HeightView): boolean {
    const { chainId } = this.#parts
    try {
      if (message.type === 'vote') verifyVote(chainId, committee, message.vote)
      else verifyProposal(chainId, committee, message.proposal)
      return true
    } catch {
      return false
    }
  }

  /** Kept for the height to come when that is the next one. */
  #keepEarly(message: ConsensusMessage, data: Uint8Array, height: number, now: HeightView): Validation {
    if (message.type === 'proposal' && !this.#candidateOf(message.proposal, message.block)) return 'reject'
    if (height <= now.height + 1) this.#early.add(`${height}/${keyOf(message)}`, data)
    if (height > now.height) this.behind.emit(height - 1)
    return 'accept'
  }

  #takeProposal(
    message: Extract<ConsensusMessage, { type: 'proposal' }>,
    data: Uint8Array,
    { committee, round }: HeightView,
  ): { validation: Validation; news: News | null } {
    const { proposal } = message
    if (proposerOf(committee, proposal.height, proposal.round).address !== proposal.proposer) return only('reject')
    // Two blocks for one round are equivocation, and the others may have voted for either; more are a flood.
    const isFlood = (this.#proposed.get(proposal.round) ?? 0) >= MAX_PROPOSALS_A_ROUND
    if (isFlood || proposal.round > round + MAX_PROPOSAL_LEAD) return only('ignore')
    const candidate = this.#candidateOf(proposal, message.block)
    if (!candidate) return only('reject')
    this.countProposal(proposal.round)
    this.#parts.history.add(keyOf(message), data)
    return { validation: 'accept', news: { type: 'proposal', proposal, candidate } }
  }

  /** The block that came with a proposal, unless it is not the one that was proposed. */
  #candidateOf({ valueId }: SignedProposal, bytes: Uint8Array): Candidate | null {
    const known = this.#parts.candidates.get(valueId)
    if (known) return equalBytes(known.bytes, bytes) ? known : null
    try {
      const candidate = this.#parts.judge.decode(bytes)
      return candidate.hash === valueId ? candidate : null
    } catch {
      return null
    }
  }
}

function only(validation: Validation): { validation: Validation; news: null } {
  return { validation, news: null }
}
