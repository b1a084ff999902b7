import { type Commit, proposerOf } from '@hydraai/consensus'
import type { Address } from '@hydraai/core'
import type { Draft } from '../state/draft.ts'
import type { LedgerState } from '../state/types.ts'
import { committeeOfMembers } from './committee.ts'
import { epochOf } from './epochs.ts'

/** Rounds of one height that are looked at: a height that took more has other troubles than single proposers. */
const MAX_ROUNDS = 64

/**
 * The last block was decided in the commit's round: whoever's turn it was in a round before, and whose block it was not,
 * rests. Keeping a block back to avoid its beacon costs this as much as being away does.
 */
export function punishMissedTurns(draft: Draft, state: LedgerState, commit: Commit): void {
  const { parameters, height } = draft.block
  const committee = committeeOfMembers(state.lastCommittee)
  const restsUntil = epochOf(parameters, height) + parameters.restEpochs
  const missed = new Set<Address>()
  for (let round = 0; round < Math.min(commit.round, MAX_ROUNDS); round++) {
    missed.add(proposerOf(committee, commit.height, round).address)
  }
  for (const account of missed) {
    if (account === state.proposer) continue
    draft.updateAccount(account, { restsUntil })
    draft.events.push({ type: 'missed-turn', account, height: commit.height, restsUntil })
  }
}
