import type { Address } from '@hydraai/core'
import {
  makeRoundState,
  type RoundInput,
  type RoundOutput,
  type RoundState,
  type Step,
} from '../../src/roundMachine.ts'
import type { TimeoutKind } from '../../src/timeout.ts'
import type { SignedVote, VoteType } from '../../src/vote.ts'
import { UNCHECKED, value } from '../fixtures.ts'

/** One step: what a machine in `state` makes of `input`. */
export interface RoundRow {
  line: number
  paper: string
  state: RoundState
  input: RoundInput
  after: RoundState
  outputs: RoundOutput[]
}

const LOCKS = [
  ['-', '-'],
  ['A@1', 'A@1'],
  ['B@1', 'B@1'],
  ['-', 'B@2'],
  ['A@1', 'B@2'],
] as const

const valueOrNil = (name: string) => (name === 'nil' || name === '-' ? null : value(name))

function valueAt(text: string): [ReturnType<typeof valueOrNil>, number] {
  const [name, round] = text.split('@')
  return [valueOrNil(name!), round === undefined ? -1 : Number(round)]
}

function stateOf([step, round]: readonly string[], [locked, valid]: readonly string[]): RoundState {
  const [lockedValue, lockedRound] = valueAt(locked!)
  const [validValue, validRound] = valueAt(valid!)
  const values = { lockedValue, lockedRound, validValue, validRound }
  return { ...makeRoundState(1), step: step as Step, round: Number(round), ...values }
}

function inputOf(text: string): RoundInput {
  const [type, a = '', b = ''] = text.split(' ')
  switch (type as RoundInput['type']) {
    case 'NewRound':
    case 'RoundSkip':
      return { type: type as 'NewRound', round: Number(a) }
    case 'NewRoundProposer':
      return { type: 'NewRoundProposer', round: Number(a), valueId: valueOrNil(b) }
    case 'ProposeValue':
    case 'Proposal':
    case 'ProposalAndPolkaAndValid':
      return { type: type as 'Proposal', valueId: value(a) }
    case 'ProposalAndPolkaPreviousAndValid':
      return { type: 'ProposalAndPolkaPreviousAndValid', valueId: value(a), validRound: Number(b) }
    case 'ProposalAndCommitAndValid':
      return { type: 'ProposalAndCommitAndValid', round: Number(a), valueId: value(b) }
    case 'TimeoutPropose':
    case 'TimeoutPrevote':
    case 'TimeoutPrecommit':
      return { type: type as 'TimeoutPropose', height: Number(a), round: Number(b) }
    default:
      return { type: type as 'PolkaNil' }
  }
}

function outputOf(text: string): RoundOutput {
  const [type, a = '', b = '', c = ''] = text.split(' ')
  switch (type) {
    case 'timeout':
      return { type: 'ScheduleTimeout', timeout: { kind: a as TimeoutKind, height: 1, round: Number(b) } }
    case 'getvalue':
      return { type: 'GetValue', round: Number(a) }
    case 'proposal':
      return { type: 'Proposal', round: Number(a), valueId: value(b), validRound: Number(c) }
    case 'skip':
      return { type: 'SkipRound', round: Number(a) }
    case 'decision':
      return { type: 'Decision', round: Number(a), valueId: value(b) }
    case 'prevote':
    case 'precommit':
      return { type: 'Vote', vote: type, round: Number(a), valueId: valueOrNil(b) }
    default:
      throw new Error(`not an output: ${text}`)
  }
}

/** The rows of the table, those with a "*" once for each lock. */
export function roundRows(table: string): RoundRow[] {
  return table.split('\n').flatMap((text, i) => {
    if (text.trim() === '' || text.startsWith('#')) return []
    const cells = text.split('|').map(cell => cell.trim().replace(/ +/g, ' '))
    const [paper = '', state = '', input = '', after = '', outputs = ''] = cells
    const before = state.split(' ')
    const then = after.split(' ')
    return (before[2] === '*' ? LOCKS : [before.slice(2)]).map(lock => ({
      line: i + 1,
      paper,
      state: stateOf(before, lock),
      input: inputOf(input),
      after: stateOf(then, then[2] === '=' ? lock : then.slice(2)),
      outputs: outputs === '-' ? [] : outputs.split('; ').map(outputOf),
    }))
  })
}

/** Votes one after the other, and what each is to do. */
export interface VoteScenario {
  name: string
  powers: number[]
  currentRound: number
  votes: { vote: SignedVote; validator: number; threshold: object | null; isEvidence: boolean }[]
}

function thresholdOf(text: string): object | null {
  const [type, round, name] = text.split(' ')
  if (type === '-') return null
  return { type, round: Number(round), ...(name === undefined ? {} : { valueId: value(name) }) }
}

export function voteScenarios(table: string): VoteScenario[] {
  const scenarios: VoteScenario[] = []
  for (const text of table.split('\n')) {
    if (text.trim() === '' || text.startsWith('#')) continue
    if (!text.startsWith(' ')) {
      const [head, name] = text.split(' # ')
      const [powers, currentRound] = head!.split(' ; ')
      const numbers = powers!.split(' ').map(Number)
      scenarios.push({ name: name!, powers: numbers, currentRound: Number(currentRound), votes: [] })
      continue
    }
    const [left, right] = text.trim().split(' -> ')
    const [type, round, validator, name] = left!.split(' ')
    const vote: SignedVote = {
      type: type as VoteType,
      height: 1,
      round: Number(round),
      valueId: valueOrNil(name!),
      validator: `0x${validator}` as Address,
      signature: UNCHECKED,
    }
    const isEvidence = right!.endsWith(' evidence')
    const threshold = thresholdOf(right!.replace(' evidence', ''))
    scenarios.at(-1)!.votes.push({ vote, validator: Number(validator), threshold, isEvidence })
  }
  return scenarios
}
