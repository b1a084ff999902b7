import { type Hash, hashOf, type KeyPair, keyPairFromSeed, type Signature, utf8 } from '@hydraai/core'
import { type Committee, makeCommittee } from '../src/committee.ts'
import { type Proposal, proposalSignBytes, type SignedProposal } from '../src/proposal.ts'
import { proposerOf } from '../src/proposer.ts'
import { type SignedVote, type Vote, voteSignBytes } from '../src/vote.ts'

export const CHAIN = 'hydra-0123abcd'

export function value(name: string): Hash {
  return hashOf(utf8(name))
}

/** Key pairs in the order of their addresses, so that index i is validator i of the committee. */
export function keysOf(count: number): KeyPair[] {
  return Array.from({ length: count }, (_, i) => {
    const seed = new Uint8Array(32)
    seed[0] = i & 255
    seed[1] = i >> 8
    return keyPairFromSeed(seed)
  }).sort((a, b) => (a.address < b.address ? -1 : 1))
}

export function committeeOf(keys: readonly KeyPair[], powers: readonly number[] = keys.map(() => 1)): Committee {
  return makeCommittee(keys.map(({ address, publicKey }, i) => ({ address, publicKey, power: powers[i]! })))
}

/** For tests of what does not look at signatures. */
export const UNCHECKED = '0'.repeat(128) as Signature

export function signVote(keys: KeyPair, vote: Omit<Vote, 'validator'>, chain = CHAIN): SignedVote {
  const full: Vote = { ...vote, validator: keys.address }
  return { ...full, signature: keys.sign(voteSignBytes(chain, full)) }
}

export function signProposal(keys: KeyPair, proposal: Omit<Proposal, 'proposer'>, chain = CHAIN): SignedProposal {
  const full: Proposal = { ...proposal, proposer: keys.address }
  return { ...full, signature: keys.sign(proposalSignBytes(chain, full)) }
}

/** The index of the validator whose turn it is. */
export function proposerIndex(committee: Committee, height: number, round: number): number {
  return committee.validators.indexOf(proposerOf(committee, height, round))
}
