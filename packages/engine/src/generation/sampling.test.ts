import { hashOf, utf8 } from '@hydraai/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openEngine } from '../../test/support.ts'
import type { Sampling } from './sampling.ts'

const engine = openEngine()
const seed = hashOf(utf8('sampling'))
const usual: Sampling = { temperaturePpm: 1_000_000, topK: 0, topPPpm: 1_000_000, seed }
const draws = (logits: Float32Array, sampling: Partial<Sampling>, count: number): number[] =>
  Array.from({ length: count }, (_, index) => engine.sample(logits, { ...usual, ...sampling }, index))

/** Eighths: logits that are not equal have weights that are not either. */
const logitsArbitrary = fc
  .array(fc.oneof(fc.integer({ min: -24, max: 24 }), fc.integer({ min: -160, max: 160 })), {
    minLength: 1,
    maxLength: 30,
  })
  .map(eighths => Float32Array.from(eighths, value => value / 8))
const samplingArbitrary = fc.record({
  temperaturePpm: fc.integer({ min: 1, max: 3_000_000 }),
  topK: fc.nat({ max: 35 }),
  topPPpm: fc.integer({ min: 0, max: 1_000_000 }),
})

/** Tokens from the likeliest down, the first of equals first. */
const ranked = (logits: Float32Array): number[] => [...logits.keys()].sort((a, b) => logits[b]! - logits[a]! || a - b)

describe('sampling', () => {
  test('at temperature 0 takes the greatest logit, the first of equals', () => {
    expect(draws(Float32Array.of(1, 3, 3, 2), { temperaturePpm: 0 }, 3)).toEqual([1, 1, 1])
    expect(draws(Float32Array.of(-0, 0), { temperaturePpm: 0 }, 1)).toEqual([0])
  })

  test('draws tokens as often as their weights say', () => {
    const logits = Float32Array.of(0, 1, 2, -1, 0.5)
    const weights = [...logits].map(logit => Math.exp(logit / 0.7))
    const total = weights.reduce((sum, weight) => sum + weight)
    const count = 5000
    const found = draws(logits, { temperaturePpm: 700_000 }, count)
    weights.forEach((weight, token) => {
      const [expected, share] = [(count * weight) / total, weight / total]
      const times = found.filter(drawn => drawn === token).length
      expect(Math.abs(times - expected)).toBeLessThan(4 * Math.sqrt(expected * (1 - share)))
    })
  })

  test('keeps to the topK likeliest, the first of equals', () => {
    expect(new Set(draws(Float32Array.of(1, 2, 1, 2, 1), { topK: 3 }, 300))).toEqual(new Set([0, 1, 3]))
    expect(new Set(draws(Float32Array.of(1, 2, 1), { topK: 1 }, 30))).toEqual(new Set([1]))
  })

  test('keeps to the fewest likeliest that make topP of the weight, the first of equals', () => {
    const logits = Float32Array.from([0.5, 0.2, 0.2, 0.1], Math.log)
    const kept = (topPPpm: number) => [...new Set(draws(logits, { topPPpm }, 400))].sort()
    expect(kept(0)).toEqual([0])
    expect(kept(499_000)).toEqual([0])
    expect(kept(501_000)).toEqual([0, 1])
    expect(kept(800_000)).toEqual([0, 1, 2])
    expect(kept(999_999)).toEqual([0, 1, 2, 3])
  })

  test('takes topP of what topK left', () => {
    const logits = Float32Array.from([0.3, 0.3, 0.2, 0.2], Math.log)
    expect(new Set(draws(logits, { topK: 2, topPPpm: 490_000 }, 100))).toEqual(new Set([0]))
  })

  test('draws only what topK and topP leave, by any parameters', () => {
    fc.assert(
      fc.property(logitsArbitrary, samplingArbitrary, fc.nat(), (logits, sampling, index) => {
        const order = ranked(logits).slice(0, sampling.topK || logits.length)
        const token = engine.sample(logits, { ...sampling, seed }, index)
        const rank = order.indexOf(token)
        expect(rank).toBeGreaterThanOrEqual(0)
        // What is likelier than the token is less than topP of the weight, but for rounding.
        const weights = order.map(each =>
          Math.exp(((logits[each]! - logits[order[0]!]!) * 1e6) / sampling.temperaturePpm),
        )
        const total = weights.reduce((sum, weight) => sum + weight)
        const likelier = weights.slice(0, rank).reduce((sum, weight) => sum + weight, 0)
        if (rank > 0) expect(likelier / total).toBeLessThan(sampling.topPPpm / 1e6 + 1e-9)
      }),
      { numRuns: 300 },
    )
  })

  test('gives the same tokens everywhere', () => {
    const logits = Float32Array.from({ length: 50 }, (_, i) => ((i * 37) % 23) / 4)
    expect(draws(logits, {}, 12)).toEqual([18, 18, 49, 47, 14, 8, 18, 29, 17, 41, 21, 41])
    expect(draws(logits, { temperaturePpm: 500_000, topK: 20, topPPpm: 900_000 }, 12)).toEqual([
      18, 18, 49, 41, 18, 13, 18, 31, 18, 41, 21, 41,
    ])
    expect(draws(logits, { seed: hashOf(utf8('another')) }, 12)).toEqual([36, 36, 14, 36, 4, 26, 1, 21, 41, 13, 44, 41])
  })

  test.each([
    ['temperaturePpm', { temperaturePpm: -1 }],
    ['temperaturePpm', { temperaturePpm: 100_000_001 }],
    ['temperaturePpm', { temperaturePpm: Number.NaN }],
    ['topK', { topK: 1.5 }],
    ['topK', { topK: 65_537 }],
    ['topPPpm', { topPPpm: 1_000_001 }],
    ['seed', { seed: 'abc' as Sampling['seed'] }],
    ['seed', { seed: 5 as unknown as Sampling['seed'] }],
  ])('refuses a %s out of range', (name, wrong) => {
    const error = expect.objectContaining({ code: 'SAMPLING_INVALID', message: expect.stringContaining(name) })
    expect(() => draws(Float32Array.of(1, 2), wrong, 1)).toThrow(error)
  })

  test('refuses an index out of range, no logits, and logits that are no numbers', () => {
    expect(() => engine.sample(Float32Array.of(1), usual, -1)).toThrow(
      expect.objectContaining({ code: 'SAMPLING_INVALID' }),
    )
    expect(() => engine.sample(new Float32Array(0), usual, 0)).toThrow(
      expect.objectContaining({ code: 'SHAPE_MISMATCH' }),
    )
    for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const sample = () => engine.sample(Float32Array.of(1, wrong), { ...usual, temperaturePpm: 0 }, 0)
      expect(sample).toThrow(expect.objectContaining({ code: 'NON_FINITE' }))
    }
  })
})
