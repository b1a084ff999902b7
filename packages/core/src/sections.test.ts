import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_SECTIONS, sectionsOf } from './sections.ts'

const stretches = fc
  .tuple(fc.nat(100_000), fc.integer({ min: 1, max: 100_000 }))
  .map(([from, length]) => [from, from + length] as const)

describe('the sections of a stretch of steps', () => {
  it('ascend evenly to its end, and are few', () => {
    fc.assert(
      fc.property(stretches, ([from, to]) => {
        const sections = sectionsOf(from, to)
        expect(sections.length).toBe(Math.min(to - from, MAX_SECTIONS))
        expect(sections.at(-1)).toBe(to)
        const lengths = sections.map((end, i) => end - (sections[i - 1] ?? from))
        expect(Math.min(...lengths)).toBeGreaterThan(0)
        expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('lead to any one step of a unit, however long, in four moves', () => {
    fc.assert(
      fc.property(stretches, fc.nat(), ([start, end], at) => {
        const wanted = start + (at % (end - start))
        let [from, to] = [start, end]
        for (let move = 0; move < 4 && to - from > 1; move++) {
          const sections = sectionsOf(from, to)
          const picked = sections.findIndex(section => section > wanted)
          from = sections[picked - 1] ?? from
          to = sections[picked]!
        }
        expect([from, to]).toEqual([wanted, wanted + 1])
      }),
    )
  })

  it('need a stretch', () => {
    for (const [from, to] of [
      [3, 3],
      [4, 3],
      [-1, 2],
      [0.5, 2],
      [0, Number.NaN],
    ] as const) {
      expect(() => sectionsOf(from, to)).toThrow(RangeError)
    }
  })
})
