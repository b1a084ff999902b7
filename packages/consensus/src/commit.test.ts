import { expect, test } from 'vitest'
import { CHAIN, committeeOf, keysOf, signVote, value } from '../test/fixtures.ts'
import { type Commit, makeCommit, verifyCommit } from './commit.ts'
import type { Vote } from './vote.ts'

const keys = keysOf(6)
const committee = committeeOf(keys)
const body: Omit<Vote, 'validator'> = { type: 'precommit', height: 7, round: 2, valueId: value('a') }
const refused = expect.objectContaining({ code: 'COMMIT_INVALID' })

function commitBy(...indices: number[]): Commit {
  return makeCommit(
    7,
    2,
    value('a'),
    indices.map(i => signVote(keys[i]!, body)),
  )
}

test('a commit holds with strictly more than two thirds, whatever the order the precommits came in', () => {
  verifyCommit(CHAIN, committee, commitBy(4, 2, 0, 1, 5))
  verifyCommit(CHAIN, committee, commitBy(0, 1, 2, 3, 4, 5))
  expect(() => verifyCommit(CHAIN, committee, commitBy(0, 1, 2, 3))).toThrow(refused)
  expect(() => verifyCommit(CHAIN, committee, commitBy())).toThrow(refused)
})

test('power counts, not heads', () => {
  const weighted = committeeOf(keys, [10, 1, 1, 1, 1, 1])
  expect(() => verifyCommit(CHAIN, weighted, commitBy(1, 2, 3, 4, 5))).toThrow(refused)
  expect(() => verifyCommit(CHAIN, weighted, commitBy(0))).toThrow(refused)
  verifyCommit(CHAIN, weighted, commitBy(0, 3))
})

test('one twice, out of order or of a stranger is refused', () => {
  const commit = commitBy(0, 1, 2, 3, 4)
  const [first] = commit.precommits
  expect(() => verifyCommit(CHAIN, committee, { ...commit, precommits: [first!, ...commit.precommits] })).toThrow(
    refused,
  )
  expect(() => verifyCommit(CHAIN, committee, { ...commit, precommits: commit.precommits.toReversed() })).toThrow(
    refused,
  )
  expect(() => verifyCommit(CHAIN, committeeOf(keys.slice(1)), commit)).toThrow(refused)
})

test('a single wrong signature spoils it, also one beyond the quorum', () => {
  const commit = commitBy(0, 1, 2, 3, 4, 5)
  const precommits = commit.precommits.with(5, { ...commit.precommits[5]!, signature: commit.precommits[4]!.signature })
  expect(() => verifyCommit(CHAIN, committee, { ...commit, precommits })).toThrow(refused)
})

test('precommits of another height, round, value, kind or chain prove nothing here', () => {
  const commit = commitBy(0, 1, 2, 3, 4)
  expect(() => verifyCommit(CHAIN, committee, { ...commit, height: 8 })).toThrow(refused)
  expect(() => verifyCommit(CHAIN, committee, { ...commit, round: 1 })).toThrow(refused)
  expect(() => verifyCommit(CHAIN, committee, { ...commit, valueId: value('b') })).toThrow(refused)
  expect(() => verifyCommit('hydra-ffffffff', committee, commit)).toThrow(refused)
  const prevotes = keys.map(key => signVote(key, { ...body, type: 'prevote' }))
  expect(() => verifyCommit(CHAIN, committee, makeCommit(7, 2, value('a'), prevotes))).toThrow(refused)
})
