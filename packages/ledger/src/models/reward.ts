import type { Micro } from '@hydraai/core'
import { FULL_REWARD_OPERATIONS } from './limits.ts'

export const FULL_REWARD_PPM = 1_000_000

/**
 * What a unit of so many multiply-adds earns, as a share of the chain's reward in millionths. Anybody may publish a model: were a
 * unit of next to no work paid in full, that would be the way to make money. `operations` is a whole number below 2^53.
 */
export function rewardPpmOf(operations: number): number {
  return Math.min(FULL_REWARD_PPM, Math.floor(operations / (FULL_REWARD_OPERATIONS / FULL_REWARD_PPM)))
}

/** `share` millionths of a reward, rounded down. */
export function shareOf(reward: Micro, ppm: number): Micro {
  return (reward * BigInt(ppm)) / BigInt(FULL_REWARD_PPM)
}
