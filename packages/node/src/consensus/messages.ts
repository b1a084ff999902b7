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
const MAX_CATCH_UP_MESSAGES = 2_000
export const catchUpResponseCodec = list(bytes({ max: MAX_MESSAGE_BYTES }), { max: MAX_CATCH_UP_MESSAGES })
/** Larger than any vote. */
const SMALL_BYTES = 1_024

/**
 * What fits into an answer, the newest first: votes before blocks, for blocks are proposed again in later rounds, and
 * nobody can follow them without the votes of the round that they name.
 */
export function chooseMessages(messages: readonly Uint8Array[], maxBytes: number): Uint8Array[] {
  const isSmall = ({ length }: Uint8Array) => length <= SMALL_BYTES
  const newestFirst = messages.toReversed()
  const chosen: Uint8Array[] = []
  let size = 0
  for (const message of [...newestFirst.filter(isSmall), ...newestFirst.filter(one => !isSmall(one))]) {
    size += message.length + 8
    if (size > maxBytes || chosen.length === MAX_CATCH_UP_MESSAGES) break
    chosen.push(message)
  }
  return chosen
}
