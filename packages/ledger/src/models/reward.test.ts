import { expect, it } from 'vitest'
import { FULL_REWARD_OPERATIONS } from './limits.ts'
import { rewardPpmOf, shareOf } from './reward.ts'

it('a unit earns in proportion to its work, up to the whole reward and no more', () => {
  expect(rewardPpmOf(0)).toBe(0)
  expect(rewardPpmOf(FULL_REWARD_OPERATIONS / 4)).toBe(250_000)
  expect(rewardPpmOf(FULL_REWARD_OPERATIONS - 1)).toBe(999_999)
  expect(rewardPpmOf(FULL_REWARD_OPERATIONS)).toBe(1_000_000)
  expect(rewardPpmOf(1e12)).toBe(1_000_000)
  expect([shareOf(1_000_000n, 999_999), shareOf(100_000n, 5), shareOf(3n, 333_333)]).toEqual([999_999n, 0n, 0n])
})
