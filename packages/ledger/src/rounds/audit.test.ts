import { CounterRandom } from '@hydraai/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { digestOf } from '../../test/world.ts'
import { DEFAULT_PARAMETERS } from '../genesis/parameters.ts'
import { ALWAYS_PPM, auditPlan, auditRate, rateByReputation } from './audit.ts'

const { audit, rewards } = DEFAULT_PARAMETERS
const HYDRA = 1_000_000n
const rateOf = (exposure: bigint, reputation = 100, verifiers = 4, reward = rewards.unit) =>
  auditRate({ reward, exposure, reputation, verifiers, audit })

describe('auditRate', () => {
  it('has everyone replay who was drawn when there is nothing to lose', () => {
    expect(rateOf(0n)).toEqual({ auditors: 4, ratePpm: ALWAYS_PPM })
    expect(rateOf(0n, 100, 5)).toEqual({ auditors: 5, ratePpm: ALWAYS_PPM })
    expect(rateOf(-1n, 100, 5)).toEqual({ auditors: 5, ratePpm: ALWAYS_PPM })
  })

  it('takes one auditor from one and a half rewards at stake on, two from three eighths, three from three twenty-sixths', () => {
    expect(rateOf(1_500_000n)).toEqual({ auditors: 1, ratePpm: ALWAYS_PPM })
    expect(rateOf(1_499_999n)).toEqual({ auditors: 2, ratePpm: ALWAYS_PPM })
    expect(rateOf(375_000n)).toEqual({ auditors: 2, ratePpm: ALWAYS_PPM })
    expect(rateOf(374_999n)).toEqual({ auditors: 3, ratePpm: ALWAYS_PPM })
    expect(rateOf(115_385n)).toEqual({ auditors: 3, ratePpm: ALWAYS_PPM })
    expect(rateOf(115_384n)).toEqual({ auditors: 4, ratePpm: ALWAYS_PPM })
    expect(rateOf(1n)).toEqual({ auditors: 4, ratePpm: ALWAYS_PPM })
  })

  it('falls to the floor only with both: a full penalty at stake and full reputation', () => {
    expect(rateOf(50n * HYDRA)).toEqual({ auditors: 1, ratePpm: 100_000 })
    expect(rateOf(10n * HYDRA)).toEqual({ auditors: 1, ratePpm: 346_154 })
    expect(rateOf(50n * HYDRA, 75)).toEqual({ auditors: 1, ratePpm: 550_000 })
    expect(rateOf(50n * HYDRA, 49)).toEqual({ auditors: 1, ratePpm: ALWAYS_PPM })
    expect(rateOf(50n * HYDRA, 0)).toEqual({ auditors: 1, ratePpm: ALWAYS_PPM })
  })

  it('reaches the chance of a catch that makes three rewards not worth it, against a third of auditors that lie', () => {
    const amounts = fc.bigInt({ min: 1n, max: 10n ** 15n })
    fc.assert(
      fc.property(amounts, amounts, fc.nat(100), fc.integer({ min: 1, max: 5 }), (reward, exposure, rep, verifiers) => {
        const { auditors, ratePpm } = rateOf(exposure, rep, verifiers, reward)
        expect(auditors).toBeGreaterThanOrEqual(1)
        expect(auditors).toBeLessThanOrEqual(verifiers)
        // Missed: 1 - (2/3) rate with one auditor, 3^-a with more; at most E / (3R + E), unless all replay already.
        const [missed, of] =
          auditors === 1
            ? [3n * BigInt(ALWAYS_PPM) - 2n * BigInt(ratePpm), 3n * BigInt(ALWAYS_PPM)]
            : [1n, 3n ** BigInt(auditors)]
        if (auditors < verifiers) expect(missed * (3n * reward + exposure) <= exposure * of).toBe(true)
        expect(ratePpm).toBeGreaterThanOrEqual(rateByReputation(rep, audit))
      }),
    )
  })

  it('never asks more of who has more at stake, or a better name', () => {
    const work = ({ auditors, ratePpm }: { auditors: number; ratePpm: number }) => auditors * ratePpm
    fc.assert(
      fc.property(fc.bigInt(0n, 100n * HYDRA), fc.bigInt(0n, HYDRA), fc.nat(99), (exposure, more, reputation) => {
        expect(work(rateOf(exposure + more, reputation))).toBeLessThanOrEqual(work(rateOf(exposure, reputation)))
        expect(work(rateOf(exposure, reputation + 1))).toBeLessThanOrEqual(work(rateOf(exposure, reputation)))
      }),
    )
  })
})

describe('rateByReputation', () => {
  it('is certain for a stranger, and falls in a straight line from who is known to the floor', () => {
    expect([0, 49, 50, 60, 75, 99, 100].map(reputation => rateByReputation(reputation, audit))).toEqual([
      1_000_000, 1_000_000, 1_000_000, 820_000, 550_000, 118_000, 100_000,
    ])
    expect(rateByReputation(100, { floorPpm: 7, knownReputation: 100 })).toBe(7)
    expect(rateByReputation(99, { floorPpm: 7, knownReputation: 100 })).toBe(ALWAYS_PPM)
    expect(rateByReputation(0, { floorPpm: 0, knownReputation: 0 })).toBe(ALWAYS_PPM)
  })
})

describe('auditPlan', () => {
  const planOf = (seed: number, auditors: number, ratePpm: number, segments = 8) =>
    auditPlan({ auditors, ratePpm }, 4, segments, new CounterRandom(digestOf(`${seed}`)))

  it('makes the first drawn the auditors, of everything where there is no doubt', () => {
    expect(planOf(1, 1, ALWAYS_PPM)).toEqual([8, 0, 0, 0])
    expect(planOf(1, 4, ALWAYS_PPM)).toEqual([8, 8, 8, 8])
    expect(planOf(1, 1, 0)).toEqual([0, 0, 0, 0])
    expect(auditPlan({ auditors: 0, ratePpm: ALWAYS_PPM }, 0, 8, new CounterRandom(digestOf('x')))).toEqual([])
  })

  it('replays as often as it says, half of the time everything, else any prefix alike', () => {
    const plans = Array.from({ length: 8000 }, (_, seed) => planOf(seed, 1, 500_000))
    const audits = plans.filter(([first]) => first! > 0).map(([first]) => first!)
    expect(plans.every(plan => plan.slice(1).every(segments => segments === 0))).toBe(true)
    expect(audits.length / plans.length).toBeCloseTo(0.5, 1)
    for (let end = 1; end < 8; end++)
      expect(audits.filter(segments => segments === end).length / audits.length).toBeCloseTo(1 / 16, 1.5)
    expect(audits.filter(segments => segments === 8).length / audits.length).toBeCloseTo(9 / 16, 1)
  })
})
