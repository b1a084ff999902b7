import {
  type Committee,
  proposalSignBytes,
  type SignedProposal,
  type SignedVote,
  validatorOf,
  verifyProposal,
  verifyVote,
  voteSignBytes,
} from '@hydraai/consensus'
import { type Address, decode, encode, equalBytes, type Hash, type PublicKey, verifySignature } from '@hydraai/core'
import type { Validation } from '@hydraai/network'
import { Listeners } from '../listeners.ts'
import { type BlockJudge, type Candidate, EMPTY_FROM_ROUND } from './blocks.ts'
import type { Candidates } from './candidates.ts'
import { Deliveries, type Delivery, type ProposalInParts, partsOf } from './deliveries.ts'
import { EarlyMessages } from './earlyMessages.ts'
import type { MessageHistory } from './messageHistory.ts'
import { type ConsensusMessage, consensusMessageCodec, payloadSignBytes } from './messages.ts'
import { Assembly, PART_BYTES, type Part, PartedBlock } from './parts.ts'
import { keyOf, messageOfProposal, proposalKeyOf } from './records.ts'

const MAX_PROPOSALS_A_ROUND = 2
/** How many rounds ahead a proposal is taken: whoever is further behind gets it by asking, once in that round. */
const MAX_PROPOSAL_LEAD = 32

/** What is voted on now. `begun` is false while the pace makes the next height wait. */
export interface HeightView {
  readonly height: number
  readonly committee: Committee
  readonly round: number
  readonly begun: boolean
  /** The key of somebody who is not in this committee and may be in that of the next height; null for all others. */
  readonly newcomerKey: (address: Address) => PublicKey | null
}

/** A message that passed, on its way to the machine. */
export type News =
  | { readonly type: 'vote'; readonly vote: SignedVote }
  | {
      readonly type: 'proposal'
      readonly proposal: SignedProposal
      readonly payload: ProposalInParts['payload'] | null
      readonly candidate: Candidate
    }

export interface Taken {
  /** Whether the message may be passed on. */
  readonly validation: Validation
  readonly news: readonly News[]
}

interface IntakeParts {
  readonly chainId: string
  readonly maxBlockBytes: number
  readonly judge: BlockJudge
  readonly candidates: Candidates
  readonly history: MessageHistory
  readonly view: () => HeightView
}

type Whole = Extract<ConsensusMessage, { type: 'proposal' }>
type InParts = Extract<ConsensusMessage, { type: 'announcement' | 'part' }>

/** Judges what the network brings before it may cost anything: form, signature, place and amount. */
export class Intake {
  /** A validator's signed message says that the network is beyond this height. */
  readonly behind = new Listeners<number>()
  /** A block has begun to come in parts: its root. */
  readonly incomplete = new Listeners<Hash>()
  readonly #parts: IntakeParts
  /** How many proposals of a round were taken. */
  readonly #proposed = new Map<number, number>()
  readonly #early = new EarlyMessages()
  readonly #deliveries = new Deliveries()

  constructor(parts: IntakeParts) {
    this.#parts = parts
  }

  /** Whether a message may be passed on, and what of it the machine has not seen. */
  take(data: Uint8Array): Taken {
    let message: ConsensusMessage
    try {
      message = decode(consensusMessageCodec, data)
    } catch {
      return only('reject')
    }
    const { history } = this.#parts
    const now = this.#parts.view()
    const { height } = signedOf(message)
    if (height < now.height) return only('ignore')
    const isPart = message.type === 'part'
    if (height === now.height && !isPart && history.holds(keyOf(message), data)) return only('accept')
    if (!this.#signatureHolds(message, now)) return only(height === now.height ? 'reject' : 'ignore')
    if (height > now.height || !now.begun) return only(this.#keepEarly(message, data, height, now))
    // The same vote under another signature, or a known proposal with another body: no news, so it goes no further.
    if (!isPart && history.has(keyOf(message))) return only('ignore')
    if (message.type === 'vote') return { validation: 'accept', news: [{ type: 'vote', vote: message.vote }] }
    return message.type === 'proposal' ? this.#takeWhole(message, data, now) : this.#takeInParts(message, now)
  }

  /** Parts of a block that were asked for: those that belong to it are kept. */
  takeParts(root: Hash, parts: readonly Part[]): readonly News[] {
    const delivery = this.#deliveries.get(root)
    if (delivery?.status !== 'open' || !(delivery.source instanceof Assembly)) return []
    for (const part of parts) delivery.source.take(part)
    return this.#newsOf(delivery)
  }

  /** What is still missing of a block of this height; empty when nothing is, or nobody wants it any more. */
  missingOf(root: Hash): number[] {
    const delivery = this.#deliveries.get(root)
    return delivery?.status === 'open' && delivery.source instanceof Assembly ? delivery.source.missing() : []
  }

  /** Parts for somebody who misses them. */
  partsFor(root: Hash, indexes: readonly number[]): Part[] {
    const delivery = this.#deliveries.get(root)
    return delivery && delivery.status !== 'void' ? partsOf(delivery, indexes) : []
  }

  /** A large block of this height that is here whole, so that others may have it in parts. */
  hold(proposal: ProposalInParts, block: Uint8Array): void {
    const delivery = this.#deliveries.get(proposal.payload.root)
    if (delivery?.status === 'whole') delivery.proposals.set(proposalKeyOf(proposal.proposal), proposal)
    else this.#deliveries.keep(proposal, new PartedBlock(block))
  }

  /** The messages in which a held block goes out for the first time. */
  inParts({ proposal, payload }: ProposalInParts): ConsensusMessage[] {
    const delivery = this.#deliveries.get(payload.root)
    if (!delivery) return []
    const all = Array.from({ length: delivery.source.count }, (_, index) => index)
    return partsOf(delivery, all).map(part => ({ type: 'part', proposal, payload, part }))
  }

  /** The messages that came before their height began; they are handed out once. */
  releaseEarly(): Uint8Array[] {
    return this.#early.release()
  }

  countProposal(round: number): void {
    this.#proposed.set(round, (this.#proposed.get(round) ?? 0) + 1)
  }

  beginHeight(): void {
    this.#proposed.clear()
    this.#deliveries.clear()
  }

  #signatureHolds(message: ConsensusMessage, now: HeightView): boolean {
    const { chainId } = this.#parts
    const { committee, height } = now
    try {
      if (signedOf(message).height === height + 1) {
        // Of a committee to come only its candidates are known, and not whose turn it will be.
        const key = validatorOf(committee, senderOf(message))?.publicKey ?? now.newcomerKey(senderOf(message))
        if (!key || !isSignedBy(chainId, key, message)) return false
      } else if (message.type === 'vote') verifyVote(chainId, committee, message.vote)
      else verifyProposal(chainId, committee, message.proposal)
      if (message.type === 'vote' || message.type === 'proposal') return true
      const { proposal, payload } = message
      const key = validatorOf(committee, proposal.proposer)?.publicKey ?? now.newcomerKey(proposal.proposer)
      return !!key && verifySignature(key, payloadSignBytes(chainId, proposal, payload), payload.signature)
    } catch {
      return false
    }
  }

  /**
   * Kept for the height to come when that is the next one. Its committee is not known before this height is decided;
   * whoever may be in it is heard, members to come a little, and what they sent is looked at again when it begins.
   */
  #keepEarly(message: ConsensusMessage, data: Uint8Array, height: number, now: HeightView): Validation {
    const sender = senderOf(message)
    const isMember = validatorOf(now.committee, sender) !== undefined
    if (message.type === 'proposal' && !this.#candidateOf(message.proposal, message.block)) return 'reject'
    const isNear = height <= now.height + 1
    const key = `${height}/${keyOf(message)}/${message.type === 'part' ? message.part.index : ''}`
    const isKept = isNear && this.#early.keep(key, data, sender, isMember)
    if (height > now.height && isMember) this.behind.emit(height - 1)
    return isKept ? 'accept' : 'ignore'
  }

  #takeWhole(message: Whole, data: Uint8Array, now: HeightView): Taken {
    const { proposal, block } = message
    if (this.#isTooMuch(proposal, now)) return only('ignore')
    const candidate = this.#candidateOf(proposal, block)
    if (!candidate) return only('reject')
    this.countProposal(proposal.round)
    this.#parts.history.add(keyOf(message), data)
    return { validation: 'accept', news: [{ type: 'proposal', proposal, payload: null, candidate }] }
  }

  #takeInParts(message: InParts, now: HeightView): Taken {
    const { proposal, payload } = message
    // Honest proposers of late rounds make empty blocks: a height that stays undecided for days must fit into its log.
    if (proposal.validRound === -1 && proposal.round >= EMPTY_FROM_ROUND) return only('ignore')
    const key = proposalKeyOf(proposal)
    if (payload.bytes <= PART_BYTES || payload.bytes > this.#parts.maxBlockBytes) return only('reject')
    let delivery = this.#deliveries.get(payload.root)
    const isNamed = delivery?.proposals.has(key) ?? false
    if (!isNamed) {
      if (this.#isTooMuch(proposal, now)) return only('ignore')
      if (delivery && (delivery.valueId !== proposal.valueId || delivery.size !== payload.bytes)) return only('reject')
      if (delivery) delivery.proposals.set(key, { proposal, payload })
      else delivery = this.#begin({ proposal, payload }, now) ?? undefined
      if (!delivery) return only('ignore')
      this.countProposal(proposal.round)
    }
    if (!delivery || delivery.status === 'void') return only('ignore')
    const validation =
      message.type === 'part' ? this.#takePart(delivery, key, message.part) : isNamed ? 'ignore' : 'accept'
    return { validation, news: validation === 'reject' ? [] : this.#newsOf(delivery) }
  }

  /** A block that is here already needs no parts. */
  #begin(first: ProposalInParts, { round }: HeightView): Delivery | null {
    const known = this.#parts.candidates.get(first.proposal.valueId)
    if (known) {
      const parted = new PartedBlock(known.bytes)
      return parted.root === first.payload.root ? this.#deliveries.keep(first, parted) : null
    }
    const uncount = ({ round }: SignedProposal) => this.#proposed.set(round, (this.#proposed.get(round) ?? 1) - 1)
    const delivery = this.#deliveries.begin(first, round, uncount)
    if (delivery) this.incomplete.emit(first.payload.root)
    return delivery
  }

  #takePart(delivery: Delivery, key: string, part: Part): Validation {
    const place = `${key}/${part.index}`
    if (delivery.passedOn.has(place)) return 'ignore'
    // Of a block that is here whole a part is compared, not proved again.
    const isRight =
      delivery.source instanceof Assembly
        ? delivery.source.take(part)
        : part.index < delivery.source.count && equalBytes(delivery.source.part(part.index).bytes, part.bytes)
    if (!isRight) return 'reject'
    delivery.passedOn.add(place)
    return 'accept'
  }

  /** The proposals that wait for a block, once it is whole. */
  #newsOf(delivery: Delivery): News[] {
    const { history } = this.#parts
    const { block } = delivery.source
    if (!block || delivery.status === 'void') return []
    const waiting = [...delivery.proposals.values()].filter(({ proposal }) => !history.has(proposalKeyOf(proposal)))
    const news: News[] = []
    for (const { proposal, payload } of waiting) {
      const candidate = this.#candidateOf(proposal, block)
      delivery.status = candidate ? 'whole' : 'void'
      if (!candidate) return []
      history.add(
        proposalKeyOf(proposal),
        encode(consensusMessageCodec, messageOfProposal({ proposal, payload, block })),
      )
      news.push({ type: 'proposal', proposal, payload, candidate })
    }
    return news
  }

  /** Two blocks for one round are equivocation, and the others may have voted for either; more are a flood. */
  #isTooMuch({ round }: SignedProposal, now: HeightView): boolean {
    return (this.#proposed.get(round) ?? 0) >= MAX_PROPOSALS_A_ROUND || round > now.round + MAX_PROPOSAL_LEAD
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

function only(validation: Validation): Taken {
  return { validation, news: [] }
}

function signedOf(message: ConsensusMessage): SignedVote | SignedProposal {
  return message.type === 'vote' ? message.vote : message.proposal
}

function senderOf(message: ConsensusMessage): Address {
  return message.type === 'vote' ? message.vote.validator : message.proposal.proposer
}

function isSignedBy(chainId: string, key: PublicKey, message: ConsensusMessage): boolean {
  const bytes =
    message.type === 'vote' ? voteSignBytes(chainId, message.vote) : proposalSignBytes(chainId, message.proposal)
  return verifySignature(key, bytes, signedOf(message).signature)
}
