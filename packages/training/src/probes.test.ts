import { addressOf, type PublicKey, taggedHash, utf8 } from '@hydraai/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { assignUnit } from './assignment.ts'
import { freshProbe, type ProbeSource, roundProbe } from './probes.ts'

const source: ProbeSource = {
  beacon: taggedHash('test', utf8('beacon')),
  model: 'tiny',
  round: 3,
  recipe: { probeSamples: 24 },
  strata: [{ count: 9_000, weight: 1 }],
}

describe('the probes of a round', () => {
  test('do not change between versions', () => {
    expect([...roundProbe(source).slice(0, 4), ...freshProbe(source).slice(0, 4)]).toMatchInlineSnapshot(`
      [
        2591,
        7108,
        6721,
        7458,
        7218,
        8883,
        646,
        1704,
      ]
    `)
  })

  test('differ from each other and from those of another round, model or beacon', () => {
    const others = [
      roundProbe(source),
      freshProbe(source),
      roundProbe({ ...source, round: 4 }),
      roundProbe({ ...source, model: 'tiny2' }),
      roundProbe({ ...source, beacon: taggedHash('test', utf8('another')) }),
    ].map(String)
    expect(new Set(others).size).toBe(others.length)
    expect(roundProbe({ ...source })).toEqual(roundProbe(source))
  })

  test('are not the samples that any unit trains on', () => {
    const trainer = addressOf('ab'.repeat(32) as PublicKey)
    const recipe = { stepsPerUnit: 1, batchSize: 24 } as Parameters<typeof assignUnit>[0]['recipe']
    const { batches } = assignUnit({ ...source, unit: 0, trainer, recipe })
    expect(roundProbe(source)).not.toEqual(batches[0])
    expect(freshProbe(source)).not.toEqual(batches[0])
  })

  test('come from the training part, as many as the recipe says', () => {
    const strata = fc.array(
      fc.record({ count: fc.integer({ min: 1, max: 50 }), weight: fc.integer({ min: 1, max: 1_000 }) }),
      { minLength: 1, maxLength: 4 },
    )
    fc.assert(
      fc.property(strata, fc.integer({ min: 1, max: 40 }), (drawnFrom, probeSamples) => {
        const total = drawnFrom.reduce((sum, { count }) => sum + count, 0)
        const wanted = { ...source, strata: drawnFrom, recipe: { probeSamples } }
        for (const probe of [roundProbe(wanted), freshProbe(wanted)]) {
          expect(probe.length).toBe(probeSamples)
          for (const index of probe) expect(index).toSatisfy(i => i >= 0 && i < total)
        }
      }),
      { numRuns: 30 },
    )
  })
})
