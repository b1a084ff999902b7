import { type Address, decode, encode, type Hash, type Signature, toHex } from '@hydraai/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CHAIN, committeeOf, keysOf, proposerIndex, signProposal, signVote, value } from '../test/fixtures.ts'
import { commitCodec } from './commit.ts'
import { evidenceCodec } from './evidence.ts'
import { proposalCodec, proposalSignBytes, signedProposalCodec, verifyProposal } from './proposal.ts'
import { timeoutCodec, timeoutMs } from './timeout.ts'
import { signedVoteCodec, type Vote, verifyVote, voteSignBytes } from './vote.ts'

const keys = keysOf(4)
const committee = committeeOf(keys)

const hex = (bytes: number) => fc.uint8Array({ minLength: bytes, maxLength: bytes }).map(toHex)
const valueIds = hex(32) as fc.Arbitrary<Hash>
const signatures = hex(64) as fc.Arbitrary<Signature>
const addresses = fc.constantFrom(...keys.map(({ address }) => address)) as fc.Arbitrary<Address>
const counts = fc.nat({ max: Number.MAX_SAFE_INTEGER })
const votes = fc.record({
  type: fc.constantFrom('prevote' as const, 'precommit' as const),
  height: counts,
  round: counts,
  valueId: fc.option(valueIds),
  validator: addresses,
  signature: signatures,
})

test('every message survives the wire', () => {
  const proposals = fc
    .record({ height: counts, round: counts, valueId: valueIds, proposer: addresses, signature: signatures })
    .chain(base => fc.integer({ min: -1, max: base.round - 1 }).map(validRound => ({ ...base, validRound })))
  const commits = fc.record({
    height: counts,
    round: counts,
    valueId: valueIds,
    precommits: fc.array(fc.record({ validator: addresses, signature: signatures }), { maxLength: 8 }),
  })
  const evidences = fc.record({ type: fc.constant('duplicate-vote' as const), a: votes, b: votes })
  const timeouts = fc.record({
    kind: fc.constantFrom('propose' as const, 'prevote' as const, 'precommit' as const),
    height: counts,
    round: counts,
  })
  fc.assert(
    fc.property(votes, proposals, commits, evidences, timeouts, (vote, proposal, commit, evidence, timeout) => {
      expect(decode(signedVoteCodec, encode(signedVoteCodec, vote))).toEqual(vote)
      expect(decode(signedProposalCodec, encode(signedProposalCodec, proposal))).toEqual(proposal)
      expect(decode(commitCodec, encode(commitCodec, commit))).toEqual(commit)
      expect(decode(evidenceCodec, encode(evidenceCodec, evidence))).toEqual(evidence)
      expect(decode(timeoutCodec, encode(timeoutCodec, timeout))).toEqual(timeout)
    }),
  )
})

test('a proposal whose valid round is not earlier than its round is refused', () => {
  const proposal = { height: 1, round: 2, valueId: value('a'), validRound: 1, proposer: keys[0]!.address }
  expect(decode(proposalCodec, encode(proposalCodec, proposal))).toEqual(proposal)
  for (const validRound of [2, 3]) {
    const bytes = encode(proposalCodec, { ...proposal, validRound })
    expect(() => decode(proposalCodec, bytes)).toThrow(expect.objectContaining({ code: 'CODEC_INVALID' }))
  }
})

test('what is signed differs with the chain, the kind and every field', () => {
  const vote: Vote = { type: 'prevote', height: 1, round: 2, valueId: value('a'), validator: keys[0]!.address }
  const variants: Vote[] = [
    vote,
    { ...vote, type: 'precommit' },
    { ...vote, height: 2 },
    { ...vote, round: 1 },
    { ...vote, valueId: value('b') },
    { ...vote, valueId: null },
    { ...vote, validator: keys[1]!.address },
  ]
  const proposal = { height: 1, round: 2, valueId: value('a'), validRound: -1, proposer: keys[0]!.address }
  const signed = [
    ...variants.map(variant => voteSignBytes(CHAIN, variant)),
    voteSignBytes('hydra-ffffffff', vote),
    proposalSignBytes(CHAIN, proposal),
    proposalSignBytes(CHAIN, { ...proposal, validRound: 0 }),
  ].map(toHex)
  expect(new Set(signed).size).toBe(signed.length)
})

test('a vote counts only with the signature of a member for this chain', () => {
  const vote = signVote(keys[0]!, { type: 'prevote', height: 1, round: 0, valueId: value('a') })
  const refused = expect.objectContaining({ code: 'VOTE_INVALID' })
  verifyVote(CHAIN, committee, vote)
  expect(() => verifyVote('hydra-ffffffff', committee, vote)).toThrow(refused)
  expect(() => verifyVote(CHAIN, committee, { ...vote, type: 'precommit' })).toThrow(refused)
  expect(() => verifyVote(CHAIN, committee, { ...vote, validator: keys[1]!.address })).toThrow(refused)
  expect(() => verifyVote(CHAIN, committeeOf(keys.slice(1)), vote)).toThrow(refused)
})

test('a proposal counts only from the proposer of its round', () => {
  const proposer = proposerIndex(committee, 5, 1)
  const body = { height: 5, round: 1, valueId: value('a'), validRound: -1 }
  const refused = expect.objectContaining({ code: 'PROPOSAL_INVALID' })
  verifyProposal(CHAIN, committee, signProposal(keys[proposer]!, body))
  expect(() => verifyProposal(CHAIN, committee, signProposal(keys[(proposer + 1) % 4]!, body))).toThrow(refused)
  const altered = { ...signProposal(keys[proposer]!, body), valueId: value('b') }
  expect(() => verifyProposal(CHAIN, committee, altered)).toThrow(refused)
})

test('timers grow with the round up to their bound', () => {
  const parameters = {
    baseMs: { propose: 3000, prevote: 1000, precommit: 1000 },
    stepMs: { propose: 500, prevote: 500, precommit: 500 },
    maximumMs: 60_000,
  }
  const at = (round: number) => timeoutMs({ kind: 'propose', height: 1, round }, parameters)
  expect([at(0), at(1), at(4), at(10 ** 6)]).toEqual([3000, 3500, 5000, 60_000])
})
