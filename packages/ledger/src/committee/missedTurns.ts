import { type Commit, proposerOf, type Validator } from '@hydraai/consensus'
import type { Address } from '@hydraai/core'
import type { Draft } from '../state/draft.ts'
import type { LedgerState } from '../state/types.ts'
import { committeeOfMembers } from './committee.ts'
import { epochOf } from './epochs.ts'

/** Rounds of one height that are looked at: a height that took more has other troubles than single proposers. */
const MAX_ROUNDS = 64
/** No turn costs more epochs than this. */
const MAX_REST = 10_000n
/** Turns whose rests add up; an honest machine that was off for long is not kept out for ever. */
const MAX_TURNS = 4

/**
 * The last block was decided in the commit's round: whoever's turn it was in a round before, and whose block it was not,
 * rests. Keeping a block back to avoid its beacon costs this as much as being away does.
 */
export function punishMissedTurns(draft: Draft, state: LedgerState, commit: Commit): void {
  const { parameters, height } = draft.block
  const committee = committeeOfMembers(state.lastCommittee)
  const missed = new Map<Address, { validator: Validator; turns: number }>()
  for (let round = 0; round < Math.min(commit.round, MAX_ROUNDS); round++) {
    const validator = proposerOf(committee, commit.height, round)
    const turns = (missed.get(validator.address)?.turns ?? 0) + 1
    if (validator.address !== state.proposer) missed.set(validator.address, { validator, turns })
  }
  const epoch = epochOf(parameters, height)
  for (const [account, { validator, turns }] of missed) {
    const rest = restOf(draft, validator.power)
    const from = Math.max(epoch, draft.account(account).restsUntil)
    const restsUntil = Math.min(from + turns * rest, epoch + MAX_TURNS * rest)
    draft.updateAccount(account, { restsUntil })
    draft.events.push({ type: 'missed-turn', account, height: commit.height, restsUntil })
  }
}

/**
 * Epochs of rest in which a validator of that power could have expected `restEpochs` seats: the fewer draws would have
 * chosen it, the longer, so that the turn costs as much however a stake is split up.
 */
function restOf({ block, totalDrawPower }: Draft, power: number): number {
  const { restEpochs, committeeSize } = block.parameters
  const seats = BigInt(committeeSize) * BigInt(power)
  const epochs = (BigInt(restEpochs) * totalDrawPower + seats - 1n) / seats
  return Math.max(restEpochs, Number(epochs < MAX_REST ? epochs : MAX_REST))
}
