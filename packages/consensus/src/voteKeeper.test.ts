import type { Address, Hash } from '@hydraai/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { UNCHECKED, value } from '../test/fixtures.ts'
import type { SignedVote, VoteType } from './vote.ts'
import {
  applyVote,
  hasQuorum,
  hasQuorumOfAny,
  makeVoteKeeper,
  skipRoundOf,
  type Threshold,
  type VoteKeeper,
  votesFor,
} from './voteKeeper.ts'

const [A, B] = [value('a'), value('b')]

function vote(type: VoteType, round: number, who: number, valueId: Hash | null): SignedVote {
  return { type, height: 1, round, valueId, validator: `0x${who}` as Address, signature: UNCHECKED }
}

/** Feeds votes of [validator, kind, round, value] at current round 0 and tells the threshold after each. */
function run(powers: number[], votes: [number, VoteType, number, Hash | null][], currentRound = 0) {
  let keeper = makeVoteKeeper(powers.reduce((sum, power) => sum + power, 0))
  const thresholds: (Threshold | null)[] = []
  const evidence: (readonly SignedVote[])[] = []
  for (const [who, type, round, valueId] of votes) {
    const outcome = applyVote(keeper, vote(type, round, who, valueId), powers[who]!, currentRound)
    keeper = outcome.keeper
    thresholds.push(outcome.threshold)
    if (outcome.evidence !== null) evidence.push([outcome.evidence.a, outcome.evidence.b])
  }
  return { keeper, thresholds, evidence }
}

test('a polka for a value is told once, by the vote that completes it', () => {
  const { thresholds } = run(
    [1, 1, 1, 1],
    [0, 1, 2, 3].map(who => [who, 'prevote', 0, A]),
  )
  expect(thresholds).toEqual([null, null, { type: 'PolkaValue', round: 0, valueId: A }, null])
})

test('a polka for nil', () => {
  const { thresholds } = run(
    [1, 1, 1, 1],
    [0, 1, 2].map(who => [who, 'prevote', 0, null]),
  )
  expect(thresholds).toEqual([null, null, { type: 'PolkaNil', round: 0 }])
})

test('a polka of anything, and then of the value when it comes', () => {
  const { thresholds } = run(
    [1, 1, 1, 1],
    [
      [0, 'prevote', 0, A],
      [1, 'prevote', 0, null],
      [2, 'prevote', 0, A],
      [3, 'prevote', 0, A],
    ],
  )
  expect(thresholds.slice(2)).toEqual([
    { type: 'PolkaAny', round: 0 },
    { type: 'PolkaValue', round: 0, valueId: A },
  ])
})

test('precommits for nil are no decision: they only count as any', () => {
  const { thresholds } = run(
    [1, 1, 1, 1],
    [0, 1, 2, 3].map(who => [who, 'precommit', 0, null]),
  )
  expect(thresholds).toEqual([null, null, { type: 'PrecommitAny', round: 0 }, null])
})

test('precommits for a value', () => {
  const { thresholds } = run(
    [1, 1, 1, 1],
    [3, 1, 2].map(who => [who, 'precommit', 0, B]),
  )
  expect(thresholds[2]).toEqual({ type: 'PrecommitValue', round: 0, valueId: B })
})

test('two thirds exactly are not enough, by power and not by heads', () => {
  const votes: [number, VoteType, number, Hash][] = [0, 1].map(who => [who, 'prevote', 0, A])
  expect(run([3, 1, 2], votes).thresholds).toEqual([null, null])
  expect(run([3, 2, 2], votes).thresholds[1]).toEqual({ type: 'PolkaValue', round: 0, valueId: A })
})

test('line 55: distinct validators over both kinds of vote make the skip, one validator twice does not', () => {
  const twice: [number, VoteType, number, Hash | null][] = [
    [0, 'prevote', 2, A],
    [0, 'precommit', 2, null],
  ]
  expect(run([1, 1, 1, 1], twice).thresholds).toEqual([null, null])
  const { thresholds, keeper } = run([1, 1, 1, 1], [...twice, [1, 'precommit', 2, A]])
  expect(thresholds[2]).toEqual({ type: 'Skip', round: 2 })
  expect([skipRoundOf(keeper, 0), skipRoundOf(keeper, 1), skipRoundOf(keeper, 2)]).toEqual([2, 2, null])
})

test('line 55: one third exactly does not skip, nor does the round that runs or one that is past', () => {
  const votes: [number, VoteType, number, null][] = [[0, 'prevote', 2, null]]
  expect(run([1, 1, 1], votes).thresholds).toEqual([null])
  expect(run([2, 1, 1], votes).thresholds).toEqual([{ type: 'Skip', round: 2 }])
  expect(run([2, 1, 1], votes, 2).thresholds).toEqual([null])
  expect(run([2, 1, 1], votes, 3).thresholds).toEqual([null])
})

test('the latest of several rounds is skipped to', () => {
  const votes: [number, VoteType, number, null][] = [5, 3].flatMap(round =>
    [0, 1].map(who => [who, 'prevote', round, null] as [number, VoteType, number, null]),
  )
  expect(skipRoundOf(run([1, 1, 1, 1], votes).keeper, 0)).toBe(5)
})

test('the same vote again changes nothing', () => {
  const { keeper } = run([1, 1], [[0, 'prevote', 0, A]])
  expect(applyVote(keeper, vote('prevote', 0, 0, A), 1, 0)).toEqual({ keeper, threshold: null, evidence: null })
})

test('a conflicting vote is evidence, once, and weighs in no total of any, nil or skip', () => {
  const { keeper, thresholds, evidence } = run(
    [1, 1, 1, 1],
    [
      [0, 'prevote', 1, A],
      [0, 'prevote', 1, null],
      [0, 'prevote', 1, B],
      [0, 'prevote', 1, null],
    ],
  )
  expect(thresholds).toEqual([null, null, null, null])
  expect(evidence).toEqual([[vote('prevote', 1, 0, null), vote('prevote', 1, 0, A)]])
  expect(keeper.rounds[0]).toMatchObject({ votersPower: 1, prevotes: { power: 1, powers: [{ valueId: A, power: 1 }] } })
})

test('a conflicting vote completes the quorum of its own value, so that no equivocator hides a polka', () => {
  const { keeper, thresholds, evidence } = run(
    [1, 1, 1, 1],
    [
      [3, 'prevote', 0, null],
      [0, 'prevote', 0, A],
      [1, 'prevote', 0, A],
      [3, 'prevote', 0, A],
    ],
  )
  expect(thresholds).toEqual([null, null, { type: 'PolkaAny', round: 0 }, { type: 'PolkaValue', round: 0, valueId: A }])
  expect(evidence).toHaveLength(1)
  expect(votesFor(keeper, 'prevote', 0, A).map(({ validator }) => validator)).toEqual(['0x0', '0x1', '0x3'])
  expect(hasQuorum(keeper, 'prevote', 0, null)).toBe(false)
})

test('a conflicting vote that comes before all others for its value counts when they have come', () => {
  const { keeper, thresholds } = run(
    [1, 1, 1, 1],
    [
      [3, 'prevote', 0, null],
      [3, 'prevote', 0, A],
      [0, 'prevote', 0, A],
      [1, 'prevote', 0, A],
    ],
  )
  expect(thresholds[3]).toEqual({ type: 'PolkaValue', round: 0, valueId: A })
  expect(votesFor(keeper, 'prevote', 0, A)).toHaveLength(3)
})

test('an equivocator however strong makes no quorum of a value that nobody else votes for', () => {
  const { keeper, thresholds } = run(
    [1, 9],
    [
      [1, 'precommit', 0, null],
      [1, 'precommit', 0, B],
    ],
  )
  expect(thresholds).toEqual([{ type: 'PrecommitAny', round: 0 }, null])
  expect(hasQuorum(keeper, 'precommit', 0, B)).toBe(false)
})

test('prevotes never add to precommits, nor one round to another', () => {
  const { keeper } = run(
    [1, 1, 1, 1],
    [
      [0, 'prevote', 0, A],
      [1, 'prevote', 0, A],
      [2, 'precommit', 0, A],
      [3, 'prevote', 1, A],
    ],
  )
  for (const type of ['prevote', 'precommit'] as const) {
    for (const round of [0, 1, 2]) {
      expect(hasQuorum(keeper, type, round, A)).toBe(false)
      expect(hasQuorumOfAny(keeper, type, round)).toBe(false)
    }
  }
})

test('what the keeper says is what counting the whole log anew says, in whatever order the votes came', () => {
  const votes = fc.array(
    fc.tuple(
      fc.nat({ max: 4 }),
      fc.constantFrom<VoteType>('prevote', 'precommit'),
      fc.nat({ max: 2 }),
      fc.constantFrom(A, B, null),
    ),
    { maxLength: 60 },
  )
  const powers = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 5, maxLength: 5 })
  fc.assert(
    fc.property(powers, votes, (powers, log) => {
      const total = powers.reduce((sum, power) => sum + power, 0)
      const { keeper } = run(powers, log)
      expect(keeper.rounds.map(({ round }) => round)).toEqual([...new Set(log.map(([, , round]) => round))].sort())
      for (const round of [0, 1, 2]) {
        const inRound = log.filter(entry => entry[2] === round)
        const power = (who: Iterable<number>) => [...new Set(who)].reduce((sum, i) => sum + powers[i]!, 0)
        expect(keeper.rounds.find(votes => votes.round === round)?.votersPower ?? 0).toBe(
          power(inRound.map(([who]) => who)),
        )
        for (const type of ['prevote', 'precommit'] as const) {
          const ofType = inRound.filter(entry => entry[1] === type)
          expect(hasQuorumOfAny(keeper, type, round)).toBe(3 * power(ofType.map(([who]) => who)) > 2 * total)
          const firsts = ofType.filter((entry, i) => ofType.findIndex(([who]) => who === entry[0]) === i)
          for (const valueId of [A, B, null]) {
            const isSupported = valueId !== null && firsts.some(entry => entry[3] === valueId)
            const holders = (isSupported ? ofType : firsts).filter(entry => entry[3] === valueId)
            const expected = 3 * power(holders.map(([who]) => who)) > 2 * total
            expect(hasQuorum(keeper, type, round, valueId)).toBe(expected)
            expect(votesFor(keeper, type, round, valueId)).toHaveLength(new Set(holders.map(([who]) => who)).size)
          }
        }
      }
    }),
  )
})

test('an equivocator cannot make the keeper grow', () => {
  let keeper: VoteKeeper = applyVote(makeVoteKeeper(4), vote('prevote', 0, 1, A), 1, 0).keeper
  for (let i = 0; i < 1000; i++) keeper = applyVote(keeper, vote('prevote', 0, 0, value(`junk ${i}`)), 1, 0).keeper
  expect(JSON.stringify(keeper).length).toBeLessThan(4000)
  // What others stand behind is taken all the same.
  expect(votesFor(applyVote(keeper, vote('prevote', 0, 0, A), 1, 0).keeper, 'prevote', 0, A)).toHaveLength(2)
})
