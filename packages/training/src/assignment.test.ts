import { type Address, addressOf, type Hash, type PublicKey, taggedHash, utf8 } from '@hydraai/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { assignUnit, type UnitId } from './assignment.ts'
import type { Stratum } from './data/text.ts'
import { tinyTask } from './documents/tinyTask.ts'

const { recipe } = tinyTask()
const trainer: Address = addressOf('ab'.repeat(32) as PublicKey)
const base: UnitId = { beacon: taggedHash('test', utf8('beacon')), model: 'tiny', round: 3, unit: 1, trainer }
const drawn = (id: UnitId, trainCount = 256): number[] => {
  const { batches } = assignUnit({ ...id, recipe, strata: [{ count: trainCount, weight: 1 }] })
  return batches.flatMap(batch => [...batch])
}

describe('the data of a unit', () => {
  test('has the shape of the recipe and comes from the training part only', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), fc.nat(1000), (trainCount, round) => {
        const { batches } = assignUnit({ ...base, round, recipe, strata: [{ count: trainCount, weight: 1 }] })
        expect(batches.map(batch => batch.length)).toEqual(new Array(recipe.stepsPerUnit).fill(recipe.batchSize))
        for (const index of drawn({ ...base, round }, trainCount))
          expect(index).toSatisfy(i => i >= 0 && i < trainCount)
      }),
      { numRuns: 30 },
    )
  })

  test('is the same for everyone who asks, and another for every other unit', () => {
    expect(drawn(base)).toEqual(drawn({ ...base }))
    const others: UnitId[] = [
      { ...base, beacon: 'cd'.repeat(32) as Hash },
      { ...base, model: 'tiny2' },
      { ...base, round: 1, unit: 3 },
      { ...base, unit: 2 },
      { ...base, trainer: addressOf('cd'.repeat(32) as PublicKey) },
    ]
    for (const other of others) expect(drawn(other)).not.toEqual(drawn(base))
  })

  test('does not change between versions', () => {
    expect(drawn(base, 9_000).slice(0, 6)).toMatchInlineSnapshot(`
      [
        6370,
        2986,
        7656,
        6431,
        2552,
        576,
      ]
    `)
  })

  test('follows the weights of the strata, uniformly within each', () => {
    const strata = [
      { count: 10, weight: 5 },
      { count: 1000, weight: 3 },
      { count: 2, weight: 2 },
    ]
    const { batches } = assignUnit({ ...base, recipe: { ...recipe, batchSize: 100, stepsPerUnit: 100 }, strata })
    const drawnOften = new Map<number, number>()
    for (const index of batches.flatMap(batch => [...batch])) drawnOften.set(index, (drawnOften.get(index) ?? 0) + 1)
    const between = (from: number, to: number): number => {
      let sum = 0
      for (let i = from; i < to; i++) sum += drawnOften.get(i) ?? 0
      return sum
    }
    expect(between(0, 1012)).toBe(10_000)
    // Five standard deviations of 10,000 draws are 250 at most.
    expect(Math.abs(between(0, 10) - 5000)).toBeLessThan(250)
    expect(Math.abs(between(10, 1010) - 3000)).toBeLessThan(250)
    expect(Math.abs(between(1010, 1012) - 2000)).toBeLessThan(250)
    for (let i = 0; i < 10; i++) expect(Math.abs((drawnOften.get(i) ?? 0) - 500)).toBeLessThan(125)
    expect(Math.abs((drawnOften.get(1010) ?? 0) - 1000)).toBeLessThan(160)
  })

  test('of one stratum does not depend on its weight, and that of several is pinned', () => {
    const first = (strata: readonly Stratum[]) => [...assignUnit({ ...base, recipe, strata }).batches[0]!.slice(0, 6)]
    expect(first([{ count: 9_000, weight: 7 }])).toEqual(drawn(base, 9_000).slice(0, 6))
    expect(
      first([
        { count: 8_000, weight: 1 },
        { count: 1_000, weight: 4 },
      ]),
    ).toMatchInlineSnapshot(`
      [
        4986,
        8431,
        8576,
        8623,
        8850,
        8098,
      ]
    `)
  })

  test('draws from every stratum within its bounds, whatever their sizes', () => {
    const stratum = fc.record({
      count: fc.integer({ min: 1, max: 50 }),
      weight: fc.integer({ min: 1, max: 1_000_000 }),
    })
    fc.assert(
      fc.property(fc.array(stratum, { minLength: 1, maxLength: 8 }), strata => {
        const total = strata.reduce((sum, { count }) => sum + count, 0)
        const [batch] = assignUnit({ ...base, recipe, strata }).batches
        for (const index of batch!) expect(index).toSatisfy(i => i >= 0 && i < total)
      }),
      { numRuns: 30 },
    )
  })
})
