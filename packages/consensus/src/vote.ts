import {
  type Address,
  address,
  type Codec,
  encode,
  type Hash,
  HydraError,
  hash,
  nullable,
  oneOf,
  type Signature,
  signature,
  signBytes,
  struct,
  uint,
  verifySignature,
} from '@hydraai/core'
import { type Committee, validatorOf } from './committee.ts'

/** PREVOTE and PRECOMMIT of the paper. */
export type VoteType = 'prevote' | 'precommit'

/** What one validator says of one value in one round; `valueId` null is the paper's nil. */
export interface Vote {
  type: VoteType
  height: number
  round: number
  valueId: Hash | null
  validator: Address
}

export interface SignedVote extends Vote {
  signature: Signature
}

const voteFields = {
  type: oneOf(['prevote', 'precommit']),
  height: uint,
  round: uint,
  valueId: nullable(hash),
  validator: address,
}

export const voteCodec: Codec<Vote> = struct(voteFields)
export const signedVoteCodec: Codec<SignedVote> = struct({ ...voteFields, signature })

/** What the validator signs; the kind of vote is also the tag, so a prevote can never be passed off as a precommit. */
export function voteSignBytes(chainId: string, vote: Vote): Uint8Array {
  return signBytes(chainId, vote.type, encode(voteCodec, vote))
}

/** Whether one says the same as the other, whatever the signature. */
export function isSameVote(a: Vote, b: Vote): boolean {
  return (
    a.type === b.type &&
    a.height === b.height &&
    a.round === b.round &&
    a.valueId === b.valueId &&
    a.validator === b.validator
  )
}

/** @throws HydraError VOTE_INVALID unless a member of the committee signed the vote for this chain */
export function verifyVote(chainId: string, committee: Committee, vote: SignedVote): void {
  const validator = validatorOf(committee, vote.validator)
  if (validator === undefined) {
    throw new HydraError('VOTE_INVALID', `${vote.validator} voted at height ${vote.height} but is not in the committee`)
  }
  if (!verifySignature(validator.publicKey, voteSignBytes(chainId, vote), vote.signature)) {
    throw new HydraError('VOTE_INVALID', `the signature of a ${vote.type} of ${vote.validator} is not theirs`)
  }
}
