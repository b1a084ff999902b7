import { type SignedProposal, signedProposalCodec, signedVoteCodec, timeoutCodec } from '@hydraai/consensus'
import {
  bool,
  bytes,
  encode,
  type Hash,
  hash,
  type Infer,
  list,
  nullable,
  signature,
  signBytes,
  struct,
  uint,
  uintMax,
  variant,
} from '@hydraai/core'
import { MAX_BLOCK_BYTES } from '@hydraai/ledger'
import { PART_BYTES, partCodec } from './parts.ts'

/** The longest message: a part, or a block that travels whole, and what is around it. */
export const MAX_MESSAGE_BYTES = PART_BYTES + 4_096

/** How the block of a proposal is cut up, signed by its proposer: with that every part can be checked by itself. */
export const payloadCodec = struct({ bytes: uintMax(MAX_BLOCK_BYTES), root: hash, signature })
export type Payload = Infer<typeof payloadCodec>

const payloadSigned = struct({ height: uint, round: uint, valueId: hash, bytes: uint, root: hash })

/** What the proposer signs of the payload. */
export function payloadSignBytes(
  chainId: string,
  { height, round, valueId }: Pick<SignedProposal, 'height' | 'round' | 'valueId'>,
  { bytes, root }: { bytes: number; root: Hash },
): Uint8Array {
  return signBytes(chainId, 'payload', encode(payloadSigned, { height, round, valueId, bytes, root }))
}

/**
 * What validators gossip: votes, and proposals. A block up to {@link PART_BYTES} travels with its proposal. A larger one
 * comes in parts, each of which carries the signed proposal and payload and so needs no other message; for one that is
 * proposed again, which most have, the announcement alone is sent, and who misses parts asks for them.
 */
export const consensusMessageCodec = variant({
  proposal: { proposal: signedProposalCodec, block: bytes({ max: PART_BYTES }) },
  announcement: { proposal: signedProposalCodec, payload: payloadCodec },
  part: { proposal: signedProposalCodec, payload: payloadCodec, part: partCodec },
  vote: { vote: signedVoteCodec },
})
export type ConsensusMessage = Infer<typeof consensusMessageCodec>

/** Null when an earlier record of the height holds the block. */
const blockBytes = nullable(bytes({ max: MAX_BLOCK_BYTES }))

/** One input of the consensus machine as the write-ahead log keeps it. */
export const logRecordCodec = variant({
  height: { height: uint },
  proposal: {
    proposal: signedProposalCodec,
    block: blockBytes,
    payload: nullable(payloadCodec),
    valid: bool,
    timely: bool,
  },
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
