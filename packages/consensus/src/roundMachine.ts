import type { Hash } from '@hydraai/core'
import type { Timeout } from './timeout.ts'
import type { VoteType } from './vote.ts'

/**
 * The rules of "The latest gossip on BFT consensus" (Buchman, Kwon, Milosevic, arXiv 1807.04938, algorithm 1), one height
 * of one validator. It counts nothing and verifies nothing: each input says that the condition of a rule holds. Every
 * case below names the lines of the paper that it is.
 */
export interface RoundState {
  readonly height: number
  /** -1 before the first. */
  readonly round: number
  readonly step: Step
  readonly lockedValue: Hash | null
  /** -1: none, as `validRound`. */
  readonly lockedRound: number
  readonly validValue: Hash | null
  readonly validRound: number
}

/** `unstarted`: between two rounds; `commit`: the height has decided. */
export type Step = 'unstarted' | 'propose' | 'prevote' | 'precommit' | 'commit'

export type RoundInput =
  /** StartRound(round), another proposes. */
  | { readonly type: 'NewRound'; readonly round: number }
  /** StartRound(round), this validator proposes; `valueId` is what getValue() gave, or null to be asked for it. */
  | { readonly type: 'NewRoundProposer'; readonly round: number; readonly valueId: Hash | null }
  /** getValue() answered. */
  | { readonly type: 'ProposeValue'; readonly valueId: Hash }
  /** A valid proposal of this round without a valid round. */
  | { readonly type: 'Proposal'; readonly valueId: Hash }
  /** An invalid one. */
  | { readonly type: 'ProposalInvalid' }
  /** A valid proposal of this round with a valid round, and the polka of that round. */
  | { readonly type: 'ProposalAndPolkaPreviousAndValid'; readonly valueId: Hash; readonly validRound: number }
  /** The same, but the value is invalid. */
  | { readonly type: 'ProposalAndPolkaAndInvalid' }
  /** A valid proposal of this round and a polka for it. */
  | { readonly type: 'ProposalAndPolkaAndValid'; readonly valueId: Hash }
  | { readonly type: 'PolkaNil' }
  | { readonly type: 'PolkaAny' }
  | { readonly type: 'PrecommitAny' }
  /** A valid proposal of whatever round and a quorum of that round's precommits for it. */
  | { readonly type: 'ProposalAndCommitAndValid'; readonly round: number; readonly valueId: Hash }
  /** More than a third of the power is in that round. */
  | { readonly type: 'RoundSkip'; readonly round: number }
  | { readonly type: 'TimeoutPropose'; readonly height: number; readonly round: number }
  | { readonly type: 'TimeoutPrevote'; readonly height: number; readonly round: number }
  | { readonly type: 'TimeoutPrecommit'; readonly height: number; readonly round: number }

export type RoundOutput =
  /** getValue(): answer with ProposeValue. */
  | { readonly type: 'GetValue'; readonly round: number }
  | { readonly type: 'Proposal'; readonly round: number; readonly valueId: Hash; readonly validRound: number }
  | { readonly type: 'Vote'; readonly vote: VoteType; readonly round: number; readonly valueId: Hash | null }
  | { readonly type: 'ScheduleTimeout'; readonly timeout: Timeout }
  /** Leave this round and start that one: answer with NewRound or NewRoundProposer. */
  | { readonly type: 'SkipRound'; readonly round: number }
  | { readonly type: 'Decision'; readonly round: number; readonly valueId: Hash }

export interface RoundTransition {
  state: RoundState
  /** Empty when no rule applies to the input in this state, which then also stays as it is. */
  outputs: RoundOutput[]
}

/** Lines 1 to 9. */
export function makeRoundState(height: number): RoundState {
  return {
    height,
    round: -1,
    step: 'unstarted',
    lockedValue: null,
    lockedRound: -1,
    validValue: null,
    validRound: -1,
  }
}

function prevote(state: RoundState, valueId: Hash | null): RoundTransition {
  return {
    state: { ...state, step: 'prevote' },
    outputs: [{ type: 'Vote', vote: 'prevote', round: state.round, valueId }],
  }
}

function precommit(state: RoundState, valueId: Hash | null): RoundTransition {
  return {
    state: { ...state, step: 'precommit' },
    outputs: [{ type: 'Vote', vote: 'precommit', round: state.round, valueId }],
  }
}

function schedule(state: RoundState, kind: Timeout['kind']): RoundTransition {
  const { height, round } = state
  return { state, outputs: [{ type: 'ScheduleTimeout', timeout: { kind, height, round } }] }
}

/** One step of the machine. Never throws: an input that no rule takes changes nothing. */
export function roundStep(state: RoundState, input: RoundInput): RoundTransition {
  const ignored: RoundTransition = { state, outputs: [] }
  const { height, round, step } = state
  // Line 49, `while decision = nil`: a decided height takes nothing any more.
  if (step === 'commit') return ignored
  const isRunning = step !== 'unstarted'

  switch (input.type) {
    // Lines 11 to 13, 20 and 21.
    case 'NewRound': {
      if (input.round <= round) return ignored
      return schedule({ ...state, round: input.round, step: 'propose' }, 'propose')
    }

    // Lines 11 to 19. getValue() takes time here, so whoever waits for it has the propose timer of line 21 as well.
    case 'NewRoundProposer': {
      if (input.round <= round) return ignored
      const started: RoundState = { ...state, round: input.round, step: 'propose' }
      const valueId = state.validValue ?? input.valueId
      if (valueId !== null) return propose(started, valueId)
      const { outputs } = schedule(started, 'propose')
      return { state: started, outputs: [{ type: 'GetValue', round: input.round }, ...outputs] }
    }

    // Lines 18 and 19.
    case 'ProposeValue':
      return step === 'propose' ? propose(state, state.validValue ?? input.valueId) : ignored

    // Lines 22 to 27.
    case 'Proposal': {
      if (step !== 'propose') return ignored
      const isFree = state.lockedRound === -1 || state.lockedValue === input.valueId
      return prevote(state, isFree ? input.valueId : null)
    }

    // Lines 25 to 27.
    case 'ProposalInvalid':
      return step === 'propose' ? prevote(state, null) : ignored

    // Lines 28 to 33. A lock gives way only to a polka at least as late as it; never to nil.
    case 'ProposalAndPolkaPreviousAndValid': {
      const { valueId, validRound } = input
      if (step !== 'propose' || validRound < 0 || validRound >= round) return ignored
      const isFree = state.lockedRound <= validRound || state.lockedValue === valueId
      return prevote(state, isFree ? valueId : null)
    }

    // Lines 31 to 33.
    case 'ProposalAndPolkaAndInvalid':
      return step === 'propose' ? prevote(state, null) : ignored

    // Lines 34 and 35; "for the first time" is the driver's to know.
    case 'PolkaAny':
      return step === 'prevote' ? schedule(state, 'prevote') : ignored

    // Lines 36 to 43. When the step is precommit already, the polka came late and only the valid value is set (line 42).
    case 'ProposalAndPolkaAndValid': {
      const { valueId } = input
      if (step === 'prevote') {
        const locked = { lockedValue: valueId, lockedRound: round, validValue: valueId, validRound: round }
        return precommit({ ...state, ...locked }, valueId)
      }
      if (step === 'precommit') return { state: { ...state, validValue: valueId, validRound: round }, outputs: [] }
      return ignored
    }

    // Lines 44 to 46. The lock stays.
    case 'PolkaNil':
      return step === 'prevote' ? precommit(state, null) : ignored

    // Lines 47 and 48, whatever the step; "for the first time" as above.
    case 'PrecommitAny':
      return isRunning ? schedule(state, 'precommit') : ignored

    // Lines 49 to 54; the next height is another machine.
    case 'ProposalAndCommitAndValid': {
      const { round: decided, valueId } = input
      return { state: { ...state, step: 'commit' }, outputs: [{ type: 'Decision', round: decided, valueId }] }
    }

    // Lines 55 and 56.
    case 'RoundSkip':
      return input.round > round ? leaveFor(state, input.round) : ignored

    // Lines 57 to 60.
    case 'TimeoutPropose': {
      const isMine = input.height === height && input.round === round
      return isMine && step === 'propose' ? prevote(state, null) : ignored
    }

    // Lines 61 to 64.
    case 'TimeoutPrevote': {
      const isMine = input.height === height && input.round === round
      return isMine && step === 'prevote' ? precommit(state, null) : ignored
    }

    // Lines 65 to 67.
    case 'TimeoutPrecommit': {
      const isMine = input.height === height && input.round === round
      return isMine && isRunning ? leaveFor(state, round + 1) : ignored
    }
  }
}

/** Line 19. The value is the valid value where there is one, so its round is the valid round; without one that is -1. */
function propose(state: RoundState, valueId: Hash): RoundTransition {
  const { round, validRound } = state
  return { state, outputs: [{ type: 'Proposal', round, valueId, validRound }] }
}

function leaveFor(state: RoundState, round: number): RoundTransition {
  return { state: { ...state, step: 'unstarted' }, outputs: [{ type: 'SkipRound', round }] }
}
