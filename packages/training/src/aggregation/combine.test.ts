import type { Aggregation } from '@hydraai/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { clippedMean } from './clippedMean.ts'
import { combine } from './combine.ts'
import { multiKrum } from './multiKrum.ts'
import { median, normOf, squaredDistance } from './norms.ts'
import { trimmedMean } from './trimmedMean.ts'

const WIDTH = 5
const rules: Aggregation[] = [
  { type: 'clipped-mean' },
  { type: 'trimmed-mean', trimPpm: 300_000 },
  { type: 'centred-clipping', iterations: 5, radiusPpm: 1_000_000 },
  { type: 'multi-krum', byzantinePpm: 300_000 },
]
const update = fc.float32Array({ min: -1000, max: 1000, noNaN: true, minLength: WIDTH, maxLength: WIDTH })
const updates = fc.array(update, { minLength: 1, maxLength: 9 })
const bitsOf = (values: Float32Array): number[] => [...new Uint32Array(values.slice().buffer)]
const distance = (a: Float32Array, b: Float32Array): number => Math.sqrt(squaredDistance(a, b))

describe.each(rules)('aggregation by $type', aggregation => {
  const combined = (all: readonly Float32Array[]): Float32Array => combine({ aggregation }, all)

  test('takes one update alone as it is', () => {
    fc.assert(
      fc.property(update, one => {
        const whole = combined([one])
        one.forEach((value, i) => {
          expect(Math.abs(whole[i]! - value)).toBeLessThanOrEqual(Math.abs(value) * 1e-6)
        })
      }),
    )
  })

  test('of equal updates is that update, however many there are', () => {
    fc.assert(
      fc.property(update, fc.integer({ min: 2, max: 9 }), (one, n) => {
        expect(distance(combined(Array.from({ length: n }, () => one)), one)).toBeLessThanOrEqual(normOf(one) * 1e-6)
      }),
    )
  })

  test('is the same bits for the same updates, equal ones in whatever order, and leaves them alone', () => {
    fc.assert(
      fc.property(updates, fc.nat(), (all, at) => {
        const twin = all[at % all.length]!.slice()
        const kept = all.map(bitsOf)
        const first = combined([...all, twin])
        const swapped = [...all, all[at % all.length]!]
        swapped[at % all.length] = twin
        expect(bitsOf(combined(swapped))).toEqual(bitsOf(first))
        expect(all.map(bitsOf)).toEqual(kept)
      }),
    )
  })

  test('stays near the honest ones whatever a minority sends', () => {
    const near = fc.float32Array({
      min: Math.fround(0.9),
      max: Math.fround(1.1),
      noNaN: true,
      minLength: WIDTH,
      maxLength: WIDTH,
    })
    const far = fc.float32Array({
      min: Math.fround(-1e30),
      max: Math.fround(1e30),
      noNaN: true,
      minLength: WIDTH,
      maxLength: WIDTH,
    })
    const crowd = fc.tuple(
      fc.array(near, { minLength: 7, maxLength: 7 }),
      fc.array(far, { minLength: 1, maxLength: 2 }),
    )
    fc.assert(
      fc.property(crowd, ([honest, liars]) => {
        const mean = clippedMean(honest)
        // An update of at most the median norm each is what a clipped mean lets a liar move: 2/9 of twice the norm.
        const bound = (2 / 9) * 2 * median(honest.map(normOf)) + 0.4
        expect(distance(combined([...liars, ...honest]), mean)).toBeLessThanOrEqual(bound)
      }),
    )
  })
})

describe('what tells the aggregations apart', () => {
  const liar = Float32Array.of(-50, -50)
  const honest = [Float32Array.of(1, 2), Float32Array.of(2, 1), Float32Array.of(1, 1), Float32Array.of(2, 2)]

  test('the clipped mean cuts what is longer than the median', () => {
    const mean = clippedMean([Float32Array.of(3, 4), Float32Array.of(0, 5), Float32Array.of(30_000, 40_000)])
    expect([...mean].map(value => Math.round(value * 1000) / 1000)).toEqual([2, 4.333])
    expect([...clippedMean([Float32Array.of(2), Float32Array.of(4)])]).toEqual([2.5])
  })

  test('the clipped mean is never longer than the median norm', () => {
    fc.assert(
      fc.property(updates, all => {
        const norms = all.map(normOf).sort((a, b) => a - b)
        expect(normOf(clippedMean(all))).toBeLessThanOrEqual(norms[norms.length >> 1]! * 1.00001 + 1e-30)
      }),
    )
  })

  test('the trimmed mean lies between the values that are left, in every coordinate, whatever the order', () => {
    fc.assert(
      fc.property(updates, fc.integer({ min: 0, max: 499_999 }), (all, trimPpm) => {
        const mean = trimmedMean(all, trimPpm)
        const cut = Math.floor((all.length * trimPpm) / 1e6)
        for (let i = 0; i < WIDTH; i++) {
          const left = all
            .map(one => one[i]!)
            .sort((a, b) => a - b)
            .slice(cut, all.length - cut)
          const slack = Math.abs(mean[i]!) * 1e-6
          expect(mean[i]!).toBeGreaterThanOrEqual(left[0]! - slack)
          expect(mean[i]!).toBeLessThanOrEqual(left.at(-1)! + slack)
        }
        expect(bitsOf(trimmedMean([...all].reverse(), trimPpm))).toEqual(bitsOf(mean))
      }),
    )
    expect([...trimmedMean([liar, ...honest], 200_000)].map(value => Math.round(value * 1000))).toEqual([1333, 1333])
  })

  test('multi-Krum leaves out whoever is far from the others, and takes the mean of the rest', () => {
    expect([...multiKrum([honest[0]!, liar, ...honest.slice(1)], 200_000)]).toEqual([1.5, 1.5])
    // Without anyone to leave out it is the mean; with none near enough to choose by, the first stay.
    expect([...multiKrum(honest, 0)]).toEqual([1.5, 1.5])
    expect([...multiKrum([Float32Array.of(1), Float32Array.of(2), Float32Array.of(3)], 400_000)]).toEqual([1.5])
  })

  test('centred clipping comes nearer to the honest ones with every iteration', () => {
    const errors = [1, 2, 5, 10].map(iterations => {
      const aggregation: Aggregation = { type: 'centred-clipping', iterations, radiusPpm: 500_000 }
      return distance(combine({ aggregation }, honest), Float32Array.of(1.5, 1.5))
    })
    expect(errors).toEqual([...errors].sort((a, b) => b - a))
    expect(errors.at(-1)).toBeLessThan(0.01)
  })
})
