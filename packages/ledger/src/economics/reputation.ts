import type { Address } from '@hydraai/core'
import type { Draft } from '../state/draft.ts'

export const MAX_REPUTATION = 100
export const UNIT_ACCEPTED = 1
export const UNIT_REFUTED = -20
export const VERDICT_WRONG = -10

/** Raises or lowers a reputation within 0..100. */
export function changeReputation(draft: Draft, address: Address, change: number): void {
  const before = draft.account(address).reputation
  const reputation = Math.max(0, Math.min(MAX_REPUTATION, before + change))
  if (reputation === before) return
  draft.updateAccount(address, { reputation })
  draft.events.push({ type: 'reputation', account: address, change: reputation - before, reputation })
}
