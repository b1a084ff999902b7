import { type Address, type Codec, HydraError, variant } from '@hydraai/core'
import type { Committee } from './committee.ts'
import { isSameVote, type SignedVote, signedVoteCodec, verifyVote } from './vote.ts'

/** Proof that a validator voted twice in one round, for different values, with the same kind of vote. */
export interface Evidence {
  type: 'duplicate-vote'
  a: SignedVote
  b: SignedVote
}

export const evidenceCodec: Codec<Evidence> = variant({ 'duplicate-vote': { a: signedVoteCodec, b: signedVoteCodec } })

/** The evidence of two conflicting votes, the same whichever came first: nil before a value, then by the value's id. */
export function makeEvidence(one: SignedVote, other: SignedVote): Evidence {
  const inOrder = (one.valueId ?? '') < (other.valueId ?? '')
  return { type: 'duplicate-vote', a: inOrder ? one : other, b: inOrder ? other : one }
}

/**
 * Who is guilty. `committee` is that of the votes' height. The two votes may stand in either order.
 * @throws HydraError EVIDENCE_INVALID when the two votes do not conflict or one is not the validator's
 */
export function verifyEvidence(chainId: string, committee: Committee, evidence: Evidence): Address {
  const { a, b } = evidence
  if (a.valueId === b.valueId || !isSameVote(a, { ...b, valueId: a.valueId })) {
    throw new HydraError('EVIDENCE_INVALID', 'the two votes of this evidence do not contradict each other')
  }
  try {
    verifyVote(chainId, committee, a)
    verifyVote(chainId, committee, b)
  } catch (cause) {
    const problem = cause instanceof HydraError ? cause.message : 'a vote cannot be checked'
    throw new HydraError('EVIDENCE_INVALID', `this evidence proves nothing: ${problem}`, { cause })
  }
  return a.validator
}
