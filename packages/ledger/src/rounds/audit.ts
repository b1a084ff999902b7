import type { CounterRandom, Micro } from '@hydraai/core'
import { MAX_REPUTATION } from '../economics/reputation.ts'
import type { ChainParameters } from '../genesis/parameters.ts'

/** Certainty, in millionths. */
export const ALWAYS_PPM = 1_000_000

/** How much of a unit's verification is a replay. */
export interface AuditRate {
  /** Verifiers who replay, if anybody does. */
  readonly auditors: number
  /** Chance that they do, in millionths. Below certainty there is one auditor. */
  readonly ratePpm: number
}

/**
 * How often a unit must be replayed so that faking it does not pay. A ring with a third of the weight is the auditor with
 * a chance of a third: one auditor at rate q catches 2q/3, a of them 1 - 3^-a. What is to be reached is
 * 3R / (3R + E), with R the unit's reward and E what is lost when caught: everything that the protocol pays on one unit
 * is less than 3R. What reputation asks for holds too. Derived in docs/proof-of-training.md.
 *
 * `verifiers` is how many were drawn; an `exposure` of 0 makes all of them auditors.
 */
export function auditRate(input: {
  readonly reward: Micro
  readonly exposure: Micro
  readonly reputation: number
  readonly verifiers: number
  readonly audit: ChainParameters['audit']
}): AuditRate {
  const { reward, exposure, reputation, verifiers, audit } = input
  if (exposure <= 0n) return { auditors: verifiers, ratePpm: ALWAYS_PPM }
  const sum = 3n * reward + exposure
  const byStakePpm = ceilDiv(9n * reward * BigInt(ALWAYS_PPM), 2n * sum)
  if (byStakePpm <= BigInt(ALWAYS_PPM)) {
    const ratePpm = Math.max(Number(byStakePpm), rateByReputation(reputation, audit))
    return { auditors: Math.min(1, verifiers), ratePpm }
  }
  let auditors = 1
  for (let missed = 3n; auditors < verifiers && sum > missed * exposure; missed *= 3n) auditors++
  return { auditors, ratePpm: ALWAYS_PPM }
}

/** Always below the reputation of who is known, then in a straight line down to the floor at the highest. */
export function rateByReputation(reputation: number, { floorPpm, knownReputation }: ChainParameters['audit']): number {
  if (reputation >= MAX_REPUTATION) return floorPpm
  if (reputation < knownReputation) return ALWAYS_PPM
  const range = MAX_REPUTATION - knownReputation
  return floorPpm + Math.ceil(((ALWAYS_PPM - floorPpm) * (MAX_REPUTATION - reputation)) / range)
}

/**
 * For each of the verifiers, in the order in which they were drawn, how many segments from the start it replays; 0: only
 * the light check. The first of that order are the auditors, so that each is a ring's with the ring's share of the
 * weight. An audit that need not always be is a whole one half the time, or else of as many segments as chance says:
 * whoever leaves out the end of a unit saves little and is caught less often in the same measure.
 */
export function auditPlan(
  { auditors, ratePpm }: AuditRate,
  verifiers: number,
  segments: number,
  random: CounterRandom,
): number[] {
  const plan = new Array<number>(verifiers).fill(0)
  if (ratePpm >= ALWAYS_PPM) return plan.fill(segments, 0, auditors)
  if (random.below(ALWAYS_PPM) >= ratePpm) return plan
  const scope = random.below(2) === 0 ? segments : 1 + random.below(segments)
  return plan.fill(scope, 0, auditors)
}

function ceilDiv(a: bigint, b: bigint): bigint {
  return (a + b - 1n) / b
}
