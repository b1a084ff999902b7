import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isTimely, timeToPropose } from './proposalTime.ts'

const NOW = 1_800_000_000_000
const HOUR = 3_600_000
const times = fc.integer({ min: NOW - 100 * 24 * HOUR, max: NOW + 100 * 24 * HOUR })

test('in round 0 a block is timely from ten seconds ago to ten seconds ahead', () => {
  const at = (time: number) => isTimely({ time, parentTime: NOW - HOUR, round: 0 }, NOW)
  expect([-10_001, -10_000, 0, 10_000, 10_001].map(offset => at(NOW + offset))).toEqual([
    false,
    true,
    true,
    true,
    false,
  ])
})

test('however wrong the clocks are, some round comes in which the block of the slowest clock suits everybody', () => {
  fc.assert(
    fc.property(fc.array(times, { minLength: 4, maxLength: 16 }), times, (clocks, parentTime) => {
      const time = timeToPropose(parentTime, Math.min(...clocks))
      const rounds = Array.from({ length: 40 }, (_, round) => round)
      const suits = (round: number) => clocks.every(now => isTimely({ time, parentTime, round }, now))
      expect(rounds.some(suits)).toBe(true)
      expect(suits(39)).toBe(true)
    }),
  )
})

test('no round lets a proposer push the time ahead, but for the one millisecond that every block needs', () => {
  fc.assert(
    fc.property(times, fc.nat(1_000), fc.integer({ min: 10_001, max: HOUR }), (parentTime, round, ahead) => {
      const time = NOW + ahead
      expect(isTimely({ time, parentTime, round }, NOW)).toBe(time === parentTime + 1)
      expect(isTimely({ time, parentTime: time - 1, round }, NOW)).toBe(true)
    }),
  )
})
