import { makeCommittee, voteSignBytes } from '@hydraai/consensus'
import { decode, encode, type KeyPair, taggedHash, utf8 } from '@hydraai/core'
import { memoryStorage, SimulatedDisk } from '@hydraai/storage'
import { beforeEach, expect, test } from 'vitest'
import { Chain } from '../chain/chain.ts'
import { Candidates } from './candidates.ts'
import { type HeightView, Intake } from './intake.ts'
import { MessageHistory } from './messageHistory.ts'
import { consensusMessageCodec } from './messages.ts'
import { HandClock, judgeOf, TestCommittee } from './testing/committee.ts'

const committee = new TestCommittee()
const { chainId, parameters } = committee.genesis
const [member, newcomer, stranger] = committee.keys as [KeyPair, KeyPair, KeyPair]
const members = makeCommittee(
  [member, committee.keys[3]!].map(({ address, publicKey }) => ({ address, publicKey, power: 1 })),
)

let now: HeightView
let intake: Intake
beforeEach(async () => {
  const storage = memoryStorage(new SimulatedDisk({ random: { below: () => 0 } }))
  const chain = await Chain.open({ genesis: committee.genesis, storage })
  // Block 1 ends an epoch: the committee of block 2 is drawn when it is decided, and `newcomer` has a stake.
  const newcomerKey: HeightView['newcomerKey'] = address => (address === newcomer.address ? newcomer.publicKey : null)
  now = { height: 1, committee: members, round: 0, begun: true, newcomerKey }
  intake = new Intake({
    ...{ chainId, maxBlockBytes: parameters.maxBlockBytes, judge: judgeOf(chain, new HandClock()) },
    ...{ candidates: new Candidates(), history: new MessageHistory({ maxBytes: 1e6, maxCount: 1_000 }) },
    view: () => now,
  })
})

function voteBy(keys: KeyPair, height: number, round = 0, text = 'value'): Uint8Array {
  const valueId = taggedHash('value', utf8(text))
  const vote = { type: 'prevote' as const, height, round, valueId, validator: keys.address }
  const signature = keys.sign(voteSignBytes(chainId, vote))
  return encode(consensusMessageCodec, { type: 'vote', vote: { ...vote, signature } })
}

const take = (data: Uint8Array) => intake.take(data).validation

test('whoever may be in the next committee is heard a height early, and counts once it is', () => {
  const vote = voteBy(newcomer, 2)
  expect(take(vote)).toBe('accept')
  expect(take(voteBy(stranger, 2))).toBe('ignore')
  expect(take(voteBy(newcomer, 3))).toBe('ignore')
  expect(take(voteBy(newcomer, 1))).toBe('reject')
  const everybody = committee.keys.map(({ address, publicKey }) => ({ address, publicKey, power: 1 }))
  now = { ...now, height: 2, committee: makeCommittee(everybody), newcomerKey: () => null }
  expect(intake.releaseEarly()).toEqual([vote])
  expect(intake.take(vote)).toMatchObject({ validation: 'accept', news: [{ type: 'vote' }] })
  expect(intake.releaseEarly()).toEqual([])
})

test('who floods the height to come fills its own room, and neither that of others nor that of members', () => {
  const taken = (keys: KeyPair, count: number) =>
    Array.from({ length: count }, (_, round) => take(voteBy(keys, 2, round))).filter(said => said === 'accept').length
  expect(taken(newcomer, 100)).toBe(8)
  expect(taken(committee.keys[3]!, 100)).toBe(64)
  expect(take(voteBy(member, 2))).toBe('accept')
  expect(intake.releaseEarly()).toHaveLength(8 + 64 + 1)
})

test('an early message in the name of another, or changed on its way, is not kept', () => {
  const message = decode(consensusMessageCodec, voteBy(newcomer, 2))
  if (message.type !== 'vote') throw new Error('no vote')
  const { vote } = message
  for (const changed of [
    { ...vote, validator: member.address },
    { ...vote, round: 1 },
  ])
    expect(take(encode(consensusMessageCodec, { type: 'vote', vote: changed }))).toBe('ignore')
  expect(intake.releaseEarly()).toEqual([])
})

test('a member that votes heights ahead tells that this node is behind, a newcomer does not', () => {
  const heights: number[] = []
  intake.behind.add(height => heights.push(height))
  take(voteBy(newcomer, 2))
  expect(heights).toEqual([])
  take(voteBy(member, 2))
  expect(take(voteBy(member, 9))).toBe('ignore')
  expect(heights).toEqual([1, 8])
})
