import type { Address } from '@hydraai/core'
import { hasHonest } from './quorum.ts'

/** The latest round, beyond those whose votes are kept, in which a validator was heard: at most one entry each. */
export type FarVotes = readonly FarVote[]

interface FarVote {
  readonly validator: Address
  readonly power: number
  readonly round: number
}

/** `far` with one more sign of life; itself when that is no news. */
export function noteFarVote(far: FarVotes, vote: FarVote): FarVotes {
  const known = far.find(({ validator }) => validator === vote.validator)
  if (known !== undefined && known.round >= vote.round) return far
  return [...far.filter(entry => entry !== known), vote]
}

/**
 * The latest round that validators of more than a third of the power have reached or passed, so that an honest one has;
 * null when there is none. To enter it is line 55 for who was away so long that the votes between were not kept.
 */
export function roundReached(far: FarVotes, totalPower: number): number | null {
  let power = 0
  for (const vote of far.toSorted((a, b) => b.round - a.round)) {
    power += vote.power
    if (hasHonest(power, totalPower)) return vote.round
  }
  return null
}
