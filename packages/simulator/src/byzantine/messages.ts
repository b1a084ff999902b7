import {
  type Proposal,
  proposalSignBytes,
  type SignedProposal,
  type SignedVote,
  type Vote,
  voteSignBytes,
} from '@hydraai/consensus'
import { decode, encode } from '@hydraai/core'
import { type ConsensusMessage, consensusMessageCodec } from '@hydraai/node'
import type { ActorHost, Outgoing } from '../actor.ts'

/** The topic of votes and proposals. */
export const CONSENSUS = 'consensus/1'
/** The topic of transactions. */
export const TRANSACTIONS = 'transactions/1'

export type ProposalMessage = Extract<ConsensusMessage, { type: 'proposal' }>

/** What a gossip message says; null when it is no message of consensus. */
export function consensusOf({ topic, data }: { topic: string; data: Uint8Array }): ConsensusMessage | null {
  if (topic !== CONSENSUS) return null
  try {
    return decode(consensusMessageCodec, data)
  } catch {
    return null
  }
}

/** The vote that a gossip message is, or null. */
export function voteOf(message: { topic: string; data: Uint8Array }): SignedVote | null {
  const said = consensusOf(message)
  return said?.type === 'vote' ? said.vote : null
}

/** The proposal that a gossip message brings with its block, or null. */
export function proposalOf(message: { topic: string; data: Uint8Array }): ProposalMessage | null {
  const said = consensusOf(message)
  return said?.type === 'proposal' ? said : null
}

/** Signs whatever it is given: no memory, no scruples. */
export function forgeVote(host: ActorHost, vote: Omit<Vote, 'validator'>): SignedVote {
  const { type, height, round, valueId } = vote
  const whole: Vote = { type, height, round, valueId, validator: host.keys.address }
  return { ...whole, signature: host.keys.sign(voteSignBytes(host.chainId, whole)) }
}

export function forgeProposal(host: ActorHost, proposal: Omit<Proposal, 'proposer'>): SignedProposal {
  const { height, round, valueId, validRound } = proposal
  const whole: Proposal = { height, round, valueId, validRound, proposer: host.keys.address }
  return { ...whole, signature: host.keys.sign(proposalSignBytes(host.chainId, whole)) }
}

export function voteMessage(vote: SignedVote, to?: readonly string[]): Outgoing {
  return { topic: CONSENSUS, data: encode(consensusMessageCodec, { type: 'vote', vote }), ...(to && { to }) }
}

export function proposalMessage(proposal: SignedProposal, block: Uint8Array, to?: readonly string[]): Outgoing {
  const data = encode(consensusMessageCodec, { type: 'proposal', proposal, block })
  return { topic: CONSENSUS, data, ...(to && { to }) }
}
