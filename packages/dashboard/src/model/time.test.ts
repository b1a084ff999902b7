import { describe, expect, it } from 'vitest'
import { isoMoment, showAgo, showDuration, timeLeft } from './time.ts'

describe('times', () => {
  it('are relative and change seldom', () => {
    expect([0, 4_999, 5_000, 23_000, 61_000, 7_200_000, 200_000_000].map(age => showAgo(1e12 - age, 1e12))).toEqual([
      'just now',
      'just now',
      '5 s ago',
      '20 s ago',
      '1 min ago',
      '2 h ago',
      '2 d ago',
    ])
    expect(showAgo(1e12 + 30_000, 1e12)).toBe('in 30 s')
  })

  it('show a length by its two largest parts', () => {
    expect([400, 59_000, 80_000, 600_000, 12_000_000, 90_000_000].map(showDuration)).toEqual([
      '0 s',
      '59 s',
      '1 min 20 s',
      '10 min',
      '3 h 20 min',
      '1 d 1 h',
    ])
  })

  it('give no machine-readable moment for a number that is no date', () => {
    expect(isoMoment(0)).toBe('1970-01-01T00:00:00.000Z')
    expect(isoMoment(1e300)).toBeUndefined()
  })

  it('estimate from the speed seen, and say nothing before something moved', () => {
    expect(timeLeft({ done: 10, at: 1000 }, { done: 20, at: 2000 }, 50)).toBe(3000)
    expect(timeLeft({ done: 10, at: 1000 }, { done: 10, at: 2000 }, 50)).toBeNull()
    expect(timeLeft({ done: 10, at: 1000 }, { done: 50, at: 2000 }, 50)).toBeNull()
  })
})
