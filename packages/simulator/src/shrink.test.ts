import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Fault } from './faults/fault.ts'
import { type Plan, planOf, planOfJson, planToJson } from './plan.ts'
import { shrink } from './shrink.ts'

const plan = planOf({ seed: 7, nodes: 7 })
const mend = (at: number): Fault => ({ at, type: 'mend' })

describe('the shrinker', () => {
  test('leaves exactly the faults that it takes, wherever they stand, and the fewest machines', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.nat(39), { minLength: 1, maxLength: 4 }), async needed => {
        const faults = Array.from({ length: 40 }, (_, i) => mend(i))
        const fails = async ({ faults, nodes }: Plan) =>
          nodes >= 4 && needed.every(at => faults.some(fault => fault.at === at))
        const small = await shrink({ ...plan, faults }, { fails })
        expect(small.faults.map(({ at }) => at)).toEqual([...needed].sort((a, b) => a - b))
        expect(small.nodes).toBe(4)
      }),
      { numRuns: 30 },
    )
  })

  test('halves what lasts, and stops at the number of runs it was given', async () => {
    const crash: Fault = { at: 5, type: 'crash', machine: 1, downMs: 8_000 }
    let runs = 0
    const fails = async ({ faults }: Plan) => {
      runs++
      return faults.some(fault => fault.type === 'crash' && fault.downMs >= 900)
    }
    const small = await shrink({ ...plan, faults: [mend(1), crash, mend(9)] }, { fails, maxRuns: 60 })
    expect(small.faults).toEqual([{ ...crash, downMs: 1_000 }])
    expect(runs).toBeLessThanOrEqual(60)
  })
})

describe('a plan', () => {
  test('is plain data: what a file holds is the plan that was written, for every seed', () => {
    fc.assert(
      fc.property(fc.nat(), seed => {
        const drawn = planOf({ seed, actors: ['silent'] })
        expect(planOfJson(planToJson(drawn))).toEqual(drawn)
      }),
      { numRuns: 50 },
    )
  })

  test('that somebody has changed is refused with the place of what is wrong', () => {
    const broken = { ...plan, faults: [{ at: 1, type: 'crash', machine: -1, downMs: 5 }] }
    expect(() => planOfJson(JSON.stringify(broken))).toThrow(/faults.*machine/)
  })
})
