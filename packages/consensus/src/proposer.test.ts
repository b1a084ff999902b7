import fc from 'fast-check'
import { expect, test } from 'vitest'
import { committeeOf, keysOf } from '../test/fixtures.ts'
import type { Committee, Validator } from './committee.ts'
import { proposerOf, slotWeights, turnOrder } from './proposer.ts'

const keys = keysOf(64)

/** How often each validator has its turn in the next `count` slots. */
function turns(powers: number[], count: number, from = 0): number[] {
  const committee = committeeOf(keys.slice(0, powers.length), powers)
  const counts = powers.map(() => 0)
  for (let i = 0; i < count; i++) counts[committee.validators.indexOf(proposerOf(committee, from + i, 0))]!++
  return counts
}

test('equals take turns, one after the other', () => {
  const committee = committeeOf(keys.slice(0, 4), [700, 700, 700, 700])
  const order = Array.from({ length: 8 }, (_, height) => proposerOf(committee, height, 0).address)
  expect(new Set(order.slice(0, 4)).size).toBe(4)
  expect(order.slice(4)).toEqual(order.slice(0, 4))
})

test('nobody chooses whom their turn follows: the order of equals hangs on the whole committee', () => {
  const orderOf = (powers: number[]) =>
    turnOrder(committeeOf(keys.slice(0, 8), powers)).map(({ validator }) => validator.address)
  const order = orderOf([10, 10, 10, 10, 10, 10, 10, 10])
  const other = orderOf([10, 10, 10, 10, 10, 10, 10, 11])
  expect(orderOf([10, 10, 10, 10, 10, 10, 10, 10])).toEqual(order)
  expect([...other].sort()).toEqual([...order].sort())
  expect(other).not.toEqual(order)
  expect(order).not.toEqual([...order].sort())
})

test('turns are in proportion to power, exactly so when the powers are small', () => {
  const powers = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(powers, fc.nat(), (powers, from) => {
      const total = powers.reduce((sum, power) => sum + power, 0)
      expect(turns(powers, total, from)).toEqual(powers)
    }),
    { numRuns: 50 },
  )
})

test('turns are spread: the strongest of 5 1 1 never waits longer than one slot', () => {
  const committee = committeeOf(keys.slice(0, 3), [5, 1, 1])
  const order = Array.from({ length: 14 }, (_, height) =>
    committee.validators.indexOf(proposerOf(committee, height, 0)),
  )
  expect(order.join('')).not.toMatch(/[12]{2}/)
})

test('a round further is a height further, so the next in turn takes over from a silent proposer', () => {
  const committee = committeeOf(keys.slice(0, 5), [9, 7, 5, 3, 1])
  for (let i = 0; i < 30; i++) expect(proposerOf(committee, 4, i)).toEqual(proposerOf(committee, 4 + i, 0))
})

test('huge and tiny powers: a bounded schedule, and still a turn for the weakest', () => {
  const powers = [3_000_000_000_000, 1_000_000_000_001, 1]
  const weights = slotWeights(committeeOf(keys.slice(0, 3), powers))
  const slots = weights.reduce((sum, weight) => sum + weight, 0)
  expect(slots).toBeLessThanOrEqual(1003)
  expect(turns(powers, slots)).toEqual(weights)
  expect(weights[2]).toBe(1)
  expect(weights[0]! / weights[1]!).toBeCloseTo(3, 1)
})

test('the weights keep the order of the powers', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 10 ** 12 }), { minLength: 1, maxLength: 64 }), powers => {
      const weights = slotWeights(committeeOf(keys.slice(0, powers.length), powers))
      expect(weights.every(weight => Number.isSafeInteger(weight) && weight >= 1)).toBe(true)
      for (let i = 1; i < powers.length; i++) {
        if (powers[i]! > powers[i - 1]!) expect(weights[i]!).toBeGreaterThanOrEqual(weights[i - 1]!)
      }
    }),
    { numRuns: 50 },
  )
})

test('the largest heights and rounds are no trouble', () => {
  const committee = committeeOf(keys.slice(0, 3))
  const last = Number.MAX_SAFE_INTEGER
  expect(committee.validators).toContain(proposerOf(committee, last, last))
})

/** The round robin from its first slot, with nothing kept. */
function counted(committee: Committee, height: number, round: number): Validator {
  const members = turnOrder(committee)
  const slots = members.reduce((sum, { weight }) => sum + weight, 0)
  const credits = members.map(() => 0)
  for (let turns = (height + round) % slots; ; turns--) {
    for (const [i, { weight }] of members.entries()) credits[i]! += weight
    const chosen = credits.indexOf(Math.max(...credits))
    if (turns === 0) return members[chosen]!.validator
    credits[chosen]! -= slots
  }
}

test('what is kept with a committee changes no answer, asked in whatever order', () => {
  const powers = fc.array(fc.integer({ min: 1, max: 10 ** 9 }), { minLength: 1, maxLength: 8 })
  const slots = fc.array(fc.tuple(fc.nat(3000), fc.nat(50)), { minLength: 1, maxLength: 12 })
  fc.assert(
    fc.property(powers, slots, (powers, slots) => {
      const committee = committeeOf(keys.slice(0, powers.length), powers)
      for (const [height, round] of slots) {
        expect(proposerOf(committee, height, round)).toBe(counted(committee, height, round))
        expect(proposerOf(structuredClone(committee), height, round)).toEqual(counted(committee, height, round))
      }
    }),
    { numRuns: 30 },
  )
})
