import { type Address, addressOf, type Hash, type PublicKey, taggedHash, utf8 } from '@hydraai/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { assignUnit, type UnitId } from './assignment.ts'
import { tinyTask } from './documents/tinyTask.ts'

const { recipe } = tinyTask()
const trainer: Address = addressOf('ab'.repeat(32) as PublicKey)
const base: UnitId = { beacon: taggedHash('test', utf8('beacon')), model: 'tiny', round: 3, unit: 1, trainer }
const drawn = (id: UnitId, trainCount = 256): number[] => {
  const { batches, probe } = assignUnit({ ...id, recipe, trainCount })
  return [...batches.flatMap(batch => [...batch]), ...probe]
}

describe('the data of a unit', () => {
  test('has the shape of the recipe and comes from the training part only', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), fc.nat(1000), (trainCount, round) => {
        const { batches, probe } = assignUnit({ ...base, round, recipe, trainCount })
        expect(batches.map(batch => batch.length)).toEqual(new Array(recipe.stepsPerUnit).fill(recipe.batchSize))
        expect(probe.length).toBe(recipe.probeSamples)
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
})
