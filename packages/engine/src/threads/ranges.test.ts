import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rangesOf } from './ranges.ts'

test('ranges cover every item once, in order, and begin at multiples of the unit', () => {
  const sizes = fc.tuple(
    fc.integer({ min: 1, max: 10_000 }),
    fc.integer({ min: 0, max: 64 }),
    fc.integer({ min: 1, max: 64 }),
  )
  fc.assert(
    fc.property(sizes, ([count, parts, unit]) => {
      const ranges = rangesOf(count, parts, unit)
      expect(ranges.length).toBeLessThanOrEqual(Math.max(1, parts))
      expect([ranges[0]!.from, ranges.at(-1)!.to]).toEqual([0, count])
      ranges.forEach(({ from, to }, i) => {
        expect(to).toBeGreaterThan(from)
        expect(from % unit).toBe(0)
        if (i > 0) expect(from).toBe(ranges[i - 1]!.to)
      })
    }),
  )
})
