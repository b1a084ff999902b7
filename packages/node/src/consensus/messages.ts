import { signedProposalCodec, signedVoteCodec, timeoutCodec } from '@hydraai/consensus'
import { bool, bytes, hash, type Infer, list, nullable, uint, variant } from '@hydraai/core'

/** A block of the largest size the chain allows, with room for its envelope. */
export const MAX_MESSAGE_BYTES = 1_114_112
const blockBytes = bytes({ max: MAX_MESSAGE_BYTES })

/** What validators gossip: proposals with their block, and votes. */
export const consensusMessageCodec = variant({
  proposal: { proposal: signedProposalCodec, block: blockBytes },
  vote: { vote: signedVoteCodec },
})
export type ConsensusMessage = Infer<typeof consensusMessageCodec>

/** One input of the consensus machine as the write-ahead log keeps it. */
export const logRecordCodec = variant({
  height: { height: uint },
  proposal: { proposal: signedProposalCodec, block: blockBytes, valid: bool },
  vote: { vote: signedVoteCodec },
  value: { height: uint, round: uint, valueId: hash, block: blockBytes },
  timeout: { timeout: timeoutCodec },
})
export type LogRecord = Infer<typeof logRecordCodec>

/** Asks a peer for all it has of a height, after messages were lost. */
export const catchUpRequestCodec = nullable(uint)
export const catchUpResponseCodec = list(bytes({ max: MAX_MESSAGE_BYTES }), { max: 2_000 })
