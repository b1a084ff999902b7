import { expect, test } from 'vitest'
import { hasHonest, isQuorum } from './quorum.ts'

test('a quorum is strictly more than two thirds, however the total divides', () => {
  const smallest = (total: number) => Array.from({ length: total + 1 }, (_, w) => w).find(w => isQuorum(w, total))
  expect([1, 2, 3, 4, 5, 6, 7, 9, 100].map(smallest)).toEqual([1, 2, 3, 3, 4, 5, 5, 7, 67])
})

test('a skip needs strictly more than one third', () => {
  const smallest = (total: number) => Array.from({ length: total + 1 }, (_, w) => w).find(w => hasHonest(w, total))
  expect([1, 2, 3, 4, 5, 6, 7, 9, 100].map(smallest)).toEqual([1, 1, 2, 2, 2, 3, 3, 4, 34])
})

test('nobody is no quorum, even of nothing', () => {
  expect(isQuorum(0, 0)).toBe(false)
  expect(hasHonest(0, 0)).toBe(false)
})
