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

/** Epochs without an accepted unit or a verdict that stood after which a reputation begins to go, one each time. */
const DECAY_EPOCHS = 6

/** At an epoch's end: takes reputation from who has not worked for long. */
export function decayReputations(draft: Draft): void {
  const { height, parameters } = draft.block
  const idle: [Address, number][] = []
  for (const [address, { reputation, lastWorked }] of draft.accounts.entries()) {
    if (reputation > 0 && lastWorked + DECAY_EPOCHS * parameters.epochBlocks <= height) idle.push([address, reputation])
  }
  for (const [account, before] of idle) {
    const reputation = before - 1
    draft.updateAccount(account, { reputation, lastWorked: height })
    draft.events.push({ type: 'decay', account, change: -1, reputation })
  }
}
