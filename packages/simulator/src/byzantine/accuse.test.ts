import { makeCommittee, type SignedVote, type VoteType } from '@hydraai/consensus'
import {
  type Address,
  addressOf,
  type Hash,
  keyPairFromSeed,
  type Signature,
  sha256,
  taggedHash,
  utf8,
} from '@hydraai/core'
import { describe, expect, test } from 'vitest'
import { SeededRandom } from '../seededRandom.ts'
import { accuse, guiltyOf } from './accuse.ts'
import { LawlessHeight } from './lawlessHeight.ts'
import { isMoreThanTwoThirds, Testimony } from './testimony.ts'

const VALUES = { v: taggedHash('value', utf8('v')), w: taggedHash('value', utf8('w')) }

function committeeOf(size: number, powerOf: (i: number) => number = () => 1) {
  const keys = Array.from({ length: size }, (_, i) => keyPairFromSeed(sha256(utf8(`validator ${i}`))))
  return makeCommittee(
    keys.map(({ publicKey }, i) => ({ address: addressOf(publicKey), publicKey, power: powerOf(i) })),
  )
}

function vote(validator: Address, type: VoteType, round: number, valueId: Hash | null): SignedVote {
  return { type, height: 1, round, valueId, validator, signature: '00'.repeat(64) as Signature }
}

function testimonyOf(votes: (who: Address[]) => SignedVote[]) {
  const testimony = new Testimony(committeeOf(4))
  const who = testimony.committee.validators.map(({ address }) => address)
  for (const one of votes(who)) testimony.addVote(one)
  return { testimony, who, charges: accuse(testimony) }
}

/** Three of four prevote for the value in the round: a polka. */
const polka = (who: Address[], round: number, value: Hash) =>
  who.slice(1).map(one => vote(one, 'prevote', round, value))

describe('who is accused', () => {
  const { v, w } = VALUES

  test('whoever votes twice with one kind of vote in one round, for two values or for one and nil', () => {
    for (const [a, b] of [
      [v, w],
      [v, null],
    ] as const) {
      const { charges, who } = testimonyOf(([one]) => [vote(one!, 'prevote', 0, a), vote(one!, 'prevote', 0, b)])
      expect(charges).toMatchObject([{ validator: who[0], charge: { type: 'equivocation' } }])
    }
  })

  test('whoever precommits without a polka, but not with one', () => {
    expect(testimonyOf(([one]) => [vote(one!, 'precommit', 0, v)]).charges).toMatchObject([
      { charge: { type: 'no-polka' } },
    ])
    expect(testimonyOf(who => [...polka(who, 0, v), vote(who[1]!, 'precommit', 0, v)]).charges).toEqual([])
  })

  test('whoever forgets a lock, in whichever order the votes were seen', () => {
    const votes = (who: Address[]) => [
      vote(who[1]!, 'prevote', 2, w),
      ...polka(who, 0, v),
      vote(who[1]!, 'precommit', 0, v),
    ]
    const { charges, who } = testimonyOf(votes)
    expect(charges).toMatchObject([{ validator: who[1], charge: { type: 'amnesia' } }])
  })

  test('nobody who, being locked, prevotes nil or keeps to the value', () => {
    for (const later of [null, v]) {
      const locked = (who: Address[]) => [...polka(who, 0, v), vote(who[1]!, 'precommit', 0, v)]
      expect(testimonyOf(who => [...locked(who), vote(who[1]!, 'prevote', 3, later)]).charges).toEqual([])
    }
  })

  test('nobody who gave the lock up for the polka of a later round', () => {
    const { charges } = testimonyOf(who => [
      ...polka(who, 0, v),
      vote(who[1]!, 'precommit', 0, v),
      ...[who[0]!, who[2]!, who[3]!].map(one => vote(one, 'prevote', 1, w)),
      vote(who[1]!, 'prevote', 2, w),
    ])
    expect(charges).toEqual([])
  })
})

describe('two decisions of one height, made by the machine itself under an adversary with many keys', () => {
  test('name validators of more than a third of the power, never an honest one; and so it is without a fork', () => {
    const forks = { equivocation: 0, amnesia: 0, all: 0 }
    for (let seed = 1; seed <= 600; seed++) {
      const random = new SeededRandom(seed, 31)
      const size = random.between(4, 9)
      const committee = committeeOf(size, i => (seed % 3 === 0 ? 1 + (i % 3) : 1))
      const byzantine = new Set<Address>()
      const third = Math.ceil(size / 3)
      while (byzantine.size < random.between(third, size - 2)) byzantine.add(random.pick(committee.validators).address)
      const world = new LawlessHeight(committee, byzantine, random)
      const decided = new Set(world.run().values())
      const accused = accuse(world.testimony)
      const guilty = guiltyOf(world.testimony, accused)
      expect(
        guilty.filter(({ address }) => !byzantine.has(address)),
        `seed ${seed}: an honest validator is accused`,
      ).toEqual([])
      if (decided.size < 2) continue
      forks.all++
      for (const type of ['equivocation', 'amnesia'] as const)
        if (accused.some(({ charge }) => charge.type === type)) forks[type]++
      const power = guilty.reduce((sum, validator) => sum + validator.power, 0)
      expect(3 * power, `seed ${seed}: too few are named`).toBeGreaterThan(committee.totalPower)
    }
    expect(forks.all).toBeGreaterThan(60)
    expect(forks.amnesia).toBeGreaterThan(5)
    expect(forks.equivocation).toBeGreaterThan(20)
  })

  test('does not happen with less than a third, nor with a third', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const random = new SeededRandom(seed, 32)
      const size = random.between(4, 9)
      const committee = committeeOf(size)
      const byzantine = new Set(committee.validators.slice(0, Math.floor(size / 3)).map(({ address }) => address))
      const decided = new Set(new LawlessHeight(committee, byzantine, random).run().values())
      expect(decided.size, `seed ${seed}`).toBeLessThan(2)
    }
  })

  test('a quorum is counted as more than two thirds, also where powers are large', () => {
    expect(isMoreThanTwoThirds(2, 3)).toBe(false)
    expect(isMoreThanTwoThirds(3, 4)).toBe(true)
    expect(isMoreThanTwoThirds(2 ** 52, 3 * 2 ** 51)).toBe(false)
    expect(isMoreThanTwoThirds(2 ** 52 + 1, 3 * 2 ** 51)).toBe(true)
  })
})
