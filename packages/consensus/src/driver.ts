import { HydraError } from '@hydraai/core'
import { type Commit, makeCommit } from './commit.ts'
import { validatorOf } from './committee.ts'
import type { DriverEffect, DriverInput, DriverState, DriverTransition } from './driverState.ts'
import { enabledInput } from './enabledRule.ts'
import { noteFarVote } from './farVotes.ts'
import { addProposal, type JudgedProposal } from './proposalKeeper.ts'
import { proposerOf } from './proposer.ts'
import { makeRoundState, type RoundInput, type RoundOutput, roundStep } from './roundMachine.ts'
import type { SignedVote } from './vote.ts'
import { applyVote, hasQuorum, makeVoteKeeper, votesFor } from './voteKeeper.ts'

/** How many rounds ahead of the current one votes and proposals are kept; of those further on only the round is noted. */
export const MAX_ROUNDS_AHEAD = 100

/**
 * One input through vote keeper, proposals and round machine. After it, every rule of the paper whose condition holds is
 * carried out, until none does. Messages of other heights, of strangers, of a proposer whose turn it is not, and proposals of
 * rounds too far ahead change nothing.
 * @throws HydraError DRIVER_NOT_STARTED when there is no state and the input is not StartHeight; DRIVER_STUCK never,
 * unless a rule is broken
 */
export function driverStep(state: DriverState | null, input: DriverInput): DriverTransition {
  if (input.type === 'StartHeight') return startHeight(state, input)
  if (state === null) {
    throw new HydraError('DRIVER_NOT_STARTED', `consensus got ${input.type} before any height was started`)
  }
  const effects: DriverEffect[] = []
  return { state: settle(take(state, input, effects), effects), effects }
}

/**
 * The commit of a decided height with every precommit that has come so far, which may be more than Decide held; null
 * before the decision.
 */
export function commitOf(state: DriverState): Commit | null {
  if (state.decision === null) return null
  const { round, valueId } = state.decision
  return makeCommit(state.machine.height, round, valueId, votesFor(state.votes, 'precommit', round, valueId))
}

function startHeight(
  state: DriverState | null,
  { height, committee, self }: Extract<DriverInput, { type: 'StartHeight' }>,
): DriverTransition {
  if (state !== null && height <= state.machine.height) return { state, effects: [] }
  const effects: DriverEffect[] = []
  const fresh: DriverState = {
    committee,
    self: self !== null && validatorOf(committee, self) !== undefined ? self : null,
    machine: makeRoundState(height),
    votes: makeVoteKeeper(committee.totalPower),
    proposals: [],
    far: [],
    scheduled: [],
    awaitsValue: false,
    decision: null,
  }
  return { state: settle(startRound(fresh, 0, effects), effects), effects }
}

/** Takes the input in; the rules that it enables are carried out afterwards. */
function take(
  state: DriverState,
  input: Exclude<DriverInput, { type: 'StartHeight' }>,
  effects: DriverEffect[],
): DriverState {
  switch (input.type) {
    case 'ValueReady': {
      const { height, round, valueId } = input
      const isAsked = state.awaitsValue && height === state.machine.height && round === state.machine.round
      if (!isAsked) return state
      return feed({ ...state, awaitsValue: false }, { type: 'ProposeValue', valueId }, effects)
    }
    case 'Proposal':
      return takeProposal(state, { proposal: input.proposal, valid: input.valid, timely: input.timely ?? true })
    case 'Vote':
      return takeVote(state, input.vote, effects)
    case 'Timeout': {
      const { kind, height, round } = input.timeout
      const type = kind === 'propose' ? 'TimeoutPropose' : kind === 'prevote' ? 'TimeoutPrevote' : 'TimeoutPrecommit'
      return feed(state, { type, height, round }, effects)
    }
  }
}

function isKept(state: DriverState, height: number, round: number): boolean {
  return height === state.machine.height && round >= 0 && round <= state.machine.round + MAX_ROUNDS_AHEAD
}

function takeProposal(state: DriverState, judged: JudgedProposal): DriverState {
  const { height, round, validRound, proposer } = judged.proposal
  if (!isKept(state, height, round) || validRound < -1 || validRound >= round) return state
  if (proposerOf(state.committee, height, round).address !== proposer) return state
  const proposals = addProposal(
    state.proposals,
    judged,
    ({ valueId }) =>
      hasQuorum(state.votes, 'prevote', round, valueId) || hasQuorum(state.votes, 'precommit', round, valueId),
  )
  return proposals === state.proposals ? state : { ...state, proposals }
}

function takeVote(state: DriverState, vote: SignedVote, effects: DriverEffect[]): DriverState {
  const validator = validatorOf(state.committee, vote.validator)
  if (validator === undefined || vote.height !== state.machine.height || vote.round < 0) return state
  if (!isKept(state, vote.height, vote.round)) {
    const far = noteFarVote(state.far, { validator: vote.validator, power: validator.power, round: vote.round })
    return far === state.far ? state : { ...state, far }
  }
  const { keeper, evidence } = applyVote(state.votes, vote, validator.power, state.machine.round)
  if (evidence !== null) effects.push({ type: 'Evidence', evidence })
  return keeper === state.votes ? state : { ...state, votes: keeper }
}

/** Carries out the rules whose condition holds, one by one: each may make another one apply. */
function settle(state: DriverState, effects: DriverEffect[]): DriverState {
  for (;;) {
    const input = enabledInput(state)
    if (input === null) return state
    const next = feed(state, input, effects)
    // Every enabled rule changes the state; were one not to, the same would be found for ever.
    if (next === state) throw new HydraError('DRIVER_STUCK', `the rule ${input.type} holds but changes nothing`)
    state = next
  }
}

/** Lines 11 to 21. */
function startRound(state: DriverState, round: number, effects: DriverEffect[]): DriverState {
  const { height } = state.machine
  const proposer = proposerOf(state.committee, height, round).address
  effects.push({ type: 'EnterRound', height, round, proposer })
  const far = state.far.filter(vote => vote.round > round)
  const entered: DriverState = { ...state, far, scheduled: [], awaitsValue: false }
  if (proposer !== state.self) return feed(entered, { type: 'NewRound', round }, effects)
  const proposing = feed(entered, { type: 'NewRoundProposer', round, valueId: null }, effects)
  if (proposing.scheduled.includes('propose')) return proposing
  // Its own proposal comes back through the host, which may fail to sign: then too the round must end.
  return carryOut(proposing, { type: 'ScheduleTimeout', timeout: { kind: 'propose', height, round } }, effects)
}

/** One input through the round machine, its outputs as effects. */
function feed(state: DriverState, input: RoundInput, effects: DriverEffect[]): DriverState {
  const { state: machine, outputs } = roundStep(state.machine, input)
  if (machine !== state.machine) state = { ...state, machine }
  for (const output of outputs) state = carryOut(state, output, effects)
  return state
}

function carryOut(state: DriverState, output: RoundOutput, effects: DriverEffect[]): DriverState {
  const { self } = state
  const { height } = state.machine
  switch (output.type) {
    case 'GetValue':
      effects.push({ type: 'GetValue', height, round: output.round })
      return { ...state, awaitsValue: true }
    case 'Proposal': {
      const { round, valueId, validRound } = output
      if (self !== null) {
        effects.push({ type: 'SignProposal', proposal: { height, round, valueId, validRound, proposer: self } })
      }
      return state
    }
    case 'Vote': {
      const { vote: type, round, valueId } = output
      if (self !== null) effects.push({ type: 'SignVote', vote: { type, height, round, valueId, validator: self } })
      return state
    }
    case 'ScheduleTimeout':
      effects.push({ type: 'ScheduleTimeout', timeout: output.timeout })
      return { ...state, scheduled: [...state.scheduled, output.timeout.kind] }
    case 'SkipRound':
      return startRound(state, output.round, effects)
    case 'Decision': {
      const { round, valueId } = output
      const decided: DriverState = { ...state, decision: { round, valueId } }
      effects.push({ type: 'Decide', height, round, valueId, commit: commitOf(decided)! })
      return decided
    }
  }
}
