import { expect, it } from 'vitest'
import { endsEpoch, epochOf } from './epochs.ts'

it('epochs have their length, the first with genesis', () => {
  const parameters = { epochBlocks: 3 }
  expect([0, 1, 2, 3, 4, 6, 7].map(height => epochOf(parameters, height))).toEqual([1, 1, 1, 1, 2, 2, 3])
  expect([0, 1, 2, 3, 4, 5, 6].filter(height => endsEpoch(parameters, height))).toEqual([3, 6])
})
