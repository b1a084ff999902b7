import { expect, test } from 'vitest'
import { Failures } from './failures.ts'
import { UnitTimes } from './unitTimes.ts'

test('a unit is begun when the last one would have fitted; what was never done is tried', () => {
  const times = new UnitTimes()
  expect(times.fits('a', 1)).toBe(true)
  times.took('a', 500)
  expect([times.fits('a', 500), times.fits('a', 501), times.fits('b', 1)]).toEqual([false, true, true])
})

test('a machine that was slow once tries again after some rounds', () => {
  const times = new UnitTimes()
  times.took('a', 1_000)
  for (let round = 5; round < 8; round++) {
    // However often it is asked within a round.
    for (let block = 0; block < 20; block++) times.passed('a', round)
    expect(times.fits('a', 300)).toBe(round === 7)
  }
})

test('a model whose unit failed is tried again, less and less often, and at once after one that did not fail', () => {
  const failures = new Failures()
  expect([failures.add('a', 10), failures.add('a', 13), failures.add('a', 19)]).toEqual([3, 6, 12])
  expect([failures.waits('a', 30), failures.waits('a', 31), failures.waits('b', 0)]).toEqual([true, false, false])
  failures.clear('a')
  expect([failures.waits('a', 20), failures.add('a', 40)]).toEqual([false, 3])
  for (let i = 0; i < 20; i++) failures.add('a', 50)
  expect(failures.add('a', 50)).toBe(192)
})
