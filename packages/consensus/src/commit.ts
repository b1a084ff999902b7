import {
  type Address,
  address,
  type Codec,
  type Hash,
  HydraError,
  hash,
  list,
  type Signature,
  signature,
  struct,
  uint,
  verifySignature,
} from '@hydraai/core'
import { type Committee, MAX_VALIDATORS, validatorOf } from './committee.ts'
import { isQuorum } from './quorum.ts'
import { type SignedVote, voteSignBytes } from './vote.ts'

/** Proof that a height decided a value: precommits for it of more than two thirds of the power, all of one round. */
export interface Commit {
  height: number
  round: number
  valueId: Hash
  /** By address, as text; each once. */
  precommits: { validator: Address; signature: Signature }[]
}

export const commitCodec: Codec<Commit> = struct({
  height: uint,
  round: uint,
  valueId: hash,
  precommits: list(struct({ validator: address, signature }), { max: MAX_VALIDATORS }),
})

/** The commit that these precommits of one height, round and value make. */
export function makeCommit(height: number, round: number, valueId: Hash, precommits: readonly SignedVote[]): Commit {
  return {
    height,
    round,
    valueId,
    precommits: precommits
      .map(({ validator, signature }) => ({ validator, signature }))
      .sort((a, b) => (a.validator < b.validator ? -1 : 1)),
  }
}

/**
 * Whether the committee of that height decided so. Every signature is checked, also those beyond the quorum.
 * @throws HydraError COMMIT_INVALID: out of order or twice, not in the committee, a wrong signature, too little power
 */
export function verifyCommit(chainId: string, committee: Committee, commit: Commit): void {
  const { height, round, valueId, precommits } = commit
  function invalid(problem: string): HydraError<'COMMIT_INVALID'> {
    return new HydraError('COMMIT_INVALID', `the commit of height ${height} ${problem}`)
  }
  if (precommits.length > committee.validators.length) throw invalid('has more precommits than there are validators')
  let power = 0
  let previous: Address | null = null
  for (const { validator: address } of precommits) {
    if (previous !== null && address <= previous) throw invalid(`has ${address} twice or out of order`)
    previous = address
    const validator = validatorOf(committee, address)
    if (validator === undefined) throw invalid(`has a precommit of ${address}, who is not in the committee`)
    power += validator.power
  }
  if (!isQuorum(power, committee.totalPower)) {
    throw invalid(`has the power ${power}, which is not more than two thirds of ${committee.totalPower}`)
  }
  for (const { validator: address, signature } of precommits) {
    const { publicKey } = validatorOf(committee, address)!
    const signed = voteSignBytes(chainId, { type: 'precommit', height, round, valueId, validator: address })
    if (!verifySignature(publicKey, signed, signature))
      throw invalid(`has a signature of ${address} that is not theirs`)
  }
}
