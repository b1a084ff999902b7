import type { DriverState } from './driverState.ts'
import { roundReached } from './farVotes.ts'
import { allOf, proposalsOf } from './proposalKeeper.ts'
import type { RoundInput } from './roundMachine.ts'
import { hasQuorum, hasQuorumOfAny, skipRoundOf } from './voteKeeper.ts'

/**
 * A rule of the paper whose condition holds now, as an input of the round machine; null when none does. Asked again after
 * every change, so a rule that was waiting for a step or a message is found when that has come. Each input changes the
 * state in such a way that its own condition no longer holds.
 *
 * Where several rules hold the paper lets them come in any order. Here: the decision first, then those of the step, and
 * the skip last, so that a polka of the round that is left still sets the valid value.
 */
export function enabledInput(state: DriverState): RoundInput | null {
  if (state.machine.step === 'commit') return null
  return decisionRule(state) ?? proposeRule(state) ?? polkaRule(state) ?? precommitRule(state) ?? skipRule(state)
}

/** Line 49, for a round that is past, present or to come. */
function decisionRule({ proposals, votes }: DriverState): RoundInput | null {
  for (const entry of proposals) {
    for (const { proposal, valid } of allOf(entry)) {
      if (valid && hasQuorum(votes, 'precommit', entry.round, proposal.valueId)) {
        return { type: 'ProposalAndCommitAndValid', round: entry.round, valueId: proposal.valueId }
      }
    }
  }
  return null
}

/**
 * Lines 22 and 28. Only line 22 asks for the time: the polka of line 28 says that a third and more of the honest power
 * found it good. A re-proposal without its polka waits, and the propose timer runs on.
 */
function proposeRule({ machine, proposals, votes }: DriverState): RoundInput | null {
  if (machine.step !== 'propose') return null
  const first = proposalsOf(proposals, machine.round)[0]
  if (first === undefined) return null
  const { valid, timely, proposal } = first
  const { valueId, validRound } = proposal
  if (validRound === -1) return valid && timely ? { type: 'Proposal', valueId } : { type: 'ProposalInvalid' }
  if (!hasQuorum(votes, 'prevote', validRound, valueId)) return null
  return valid
    ? { type: 'ProposalAndPolkaPreviousAndValid', valueId, validRound }
    : { type: 'ProposalAndPolkaAndInvalid' }
}

/** Lines 36, 44 and 34. */
function polkaRule({ machine, proposals, votes, scheduled }: DriverState): RoundInput | null {
  const { round, step } = machine
  if (step !== 'prevote' && step !== 'precommit') return null
  const isValueSet = step === 'precommit' && machine.validRound === round
  if (!isValueSet) {
    for (const { valid, proposal } of proposalsOf(proposals, round)) {
      const { valueId } = proposal
      if (valid && hasQuorum(votes, 'prevote', round, valueId)) return { type: 'ProposalAndPolkaAndValid', valueId }
    }
  }
  if (step !== 'prevote') return null
  if (hasQuorum(votes, 'prevote', round, null)) return { type: 'PolkaNil' }
  const isWaiting = scheduled.includes('prevote')
  return !isWaiting && hasQuorumOfAny(votes, 'prevote', round) ? { type: 'PolkaAny' } : null
}

/** Line 47. */
function precommitRule({ machine, votes, scheduled }: DriverState): RoundInput | null {
  if (scheduled.includes('precommit')) return null
  return hasQuorumOfAny(votes, 'precommit', machine.round) ? { type: 'PrecommitAny' } : null
}

/** Line 55. */
function skipRule({ machine, votes, far }: DriverState): RoundInput | null {
  const round = roundReached(far, votes.totalPower) ?? skipRoundOf(votes, machine.round)
  return round === null ? null : { type: 'RoundSkip', round }
}
