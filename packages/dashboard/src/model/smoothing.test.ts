import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { smooth, spanFor } from './smoothing.ts'

const losses = fc.array(fc.double({ min: 0, max: 10, noNaN: true }), { minLength: 1, maxLength: 200 })

describe('smooth', () => {
  it('begins at the first value and never leaves the range of what it averages', () => {
    fc.assert(
      fc.property(losses, fc.integer({ min: 1, max: 50 }), (values, span) => {
        const smoothed = smooth(values, span)
        expect(smoothed).toHaveLength(values.length)
        expect(smoothed[0]).toBeCloseTo(values[0] ?? Number.NaN, 9)
        for (const value of smoothed) {
          expect(value).toBeGreaterThanOrEqual(Math.min(...values) - 1e-9)
          expect(value).toBeLessThanOrEqual(Math.max(...values) + 1e-9)
        }
      }),
    )
  })

  it('takes noise out: what alternates between 0 and 1 comes close to a half', () => {
    const smoothed = smooth(
      Array.from({ length: 200 }, (_, at) => at % 2),
      20,
    )
    expect(Math.abs((smoothed.at(-1) ?? 0) - 0.5)).toBeLessThan(0.06)
  })

  it('with span 1 changes nothing', () => {
    expect(smooth([3, 1, 2], 1)).toEqual([3, 1, 2])
  })

  it('smooths long curves more, within bounds', () => {
    expect(spanFor(2)).toBe(3)
    expect(spanFor(160)).toBe(10)
    expect(spanFor(10_000)).toBe(40)
  })
})
