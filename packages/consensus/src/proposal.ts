import {
  type Address,
  address,
  type Codec,
  codecError,
  encode,
  type Hash,
  HydraError,
  hash,
  type Signature,
  signature,
  signBytes,
  struct,
  uint,
  uintRange,
  verifySignature,
} from '@hydraai/core'
import type { Committee } from './committee.ts'
import { proposerOf } from './proposer.ts'

/** PROPOSAL of the paper: the value travels apart from it, by its id. */
export interface Proposal {
  height: number
  round: number
  valueId: Hash
  /** The round in which the proposer saw a polka for this value, below `round`; -1: none (the paper's vr). */
  validRound: number
  proposer: Address
}

export interface SignedProposal extends Proposal {
  signature: Signature
}

const proposalFields = {
  height: uint,
  round: uint,
  valueId: hash,
  validRound: uintRange(-1, Number.MAX_SAFE_INTEGER),
  proposer: address,
}

/** The valid round of a proposal is always of an earlier round. */
function withValidRound<T extends Proposal>(codec: Codec<T>): Codec<T> {
  return {
    toWire: (proposal, path) => codec.toWire(proposal, path),
    fromWire(wire, path) {
      const proposal = codec.fromWire(wire, path)
      if (proposal.validRound >= proposal.round) throw codecError(`${path}.validRound`, 'not below the round')
      return proposal
    },
  }
}

export const proposalCodec: Codec<Proposal> = withValidRound<Proposal>(struct(proposalFields))
export const signedProposalCodec: Codec<SignedProposal> = withValidRound<SignedProposal>(
  struct({ ...proposalFields, signature }),
)

/** What the proposer signs. */
export function proposalSignBytes(chainId: string, proposal: Proposal): Uint8Array {
  return signBytes(chainId, 'proposal', encode(proposalCodec, proposal))
}

/** @throws HydraError PROPOSAL_INVALID unless the proposer of its height and round signed it for this chain */
export function verifyProposal(chainId: string, committee: Committee, proposal: SignedProposal): void {
  const { height, round } = proposal
  const proposer = proposerOf(committee, height, round)
  if (proposal.proposer !== proposer.address) {
    throw new HydraError(
      'PROPOSAL_INVALID',
      `${proposal.proposer} proposed at height ${height}, round ${round}, which is the turn of ${proposer.address}`,
    )
  }
  if (!verifySignature(proposer.publicKey, proposalSignBytes(chainId, proposal), proposal.signature)) {
    throw new HydraError('PROPOSAL_INVALID', `the signature of a proposal of ${proposal.proposer} is not theirs`)
  }
}
