import type { Hash } from '@hydraai/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { value } from '../test/fixtures.ts'
import { makeRoundState, type RoundInput, type RoundState, roundStep, type Step } from './roundMachine.ts'

const [A, B] = [value('a'), value('b')]

function at(step: Step, round: number, rest: Partial<RoundState> = {}): RoundState {
  return { ...makeRoundState(1), step, round, ...rest }
}
const lockedOn = (valueId: Hash, round: number): Partial<RoundState> => ({
  lockedValue: valueId,
  lockedRound: round,
  validValue: valueId,
  validRound: round,
})
const prevote = (round: number, valueId: Hash | null) => [{ type: 'Vote', vote: 'prevote', round, valueId }]
const precommit = (round: number, valueId: Hash | null) => [{ type: 'Vote', vote: 'precommit', round, valueId }]
const timer = (kind: string, round: number) => ({ type: 'ScheduleTimeout', timeout: { kind, height: 1, round } })

/** The state and outputs after the input; asserts that the state before is not touched. */
function step(state: RoundState, input: RoundInput) {
  const before = structuredClone(state)
  const result = roundStep(state, input)
  expect(state).toEqual(before)
  return result
}

function expectIgnored(state: RoundState, input: RoundInput) {
  expect(step(state, input)).toEqual({ state, outputs: [] })
}

test('line 14-19: the proposer asks for a value, then proposes it without a valid round', () => {
  const started = step(makeRoundState(1), { type: 'NewRoundProposer', round: 0, valueId: null })
  expect(started).toEqual({ state: at('propose', 0), outputs: [{ type: 'GetValue', round: 0 }, timer('propose', 0)] })
  const proposed = step(started.state, { type: 'ProposeValue', valueId: A })
  expect(proposed.outputs).toEqual([{ type: 'Proposal', round: 0, valueId: A, validRound: -1 }])
  expect(step(makeRoundState(1), { type: 'NewRoundProposer', round: 0, valueId: A })).toEqual(proposed)
})

test('line 15-16: with a valid value the proposer proposes that one, with its round', () => {
  const state = at('unstarted', 2, { validValue: A, validRound: 1 })
  for (const valueId of [null, B]) {
    const { state: after, outputs } = step(state, { type: 'NewRoundProposer', round: 3, valueId })
    expect(outputs).toEqual([{ type: 'Proposal', round: 3, valueId: A, validRound: 1 }])
    expect(after).toEqual({ ...state, step: 'propose', round: 3 })
  }
})

test('line 20-21: whoever does not propose starts the propose timer and keeps lock and valid value', () => {
  const state = at('unstarted', 0, lockedOn(A, 0))
  const { state: after, outputs } = step(state, { type: 'NewRound', round: 4 })
  expect(outputs).toEqual([timer('propose', 4)])
  expect(after).toEqual({ ...state, step: 'propose', round: 4 })
})

test('line 11: rounds only go up', () => {
  const state = at('prevote', 3)
  for (const round of [0, 2, 3]) {
    expectIgnored(state, { type: 'NewRound', round })
    expectIgnored(state, { type: 'NewRoundProposer', round, valueId: A })
    expectIgnored(state, { type: 'RoundSkip', round })
  }
})

test('line 22-24: a fresh proposal is prevoted when nothing or the same value is locked', () => {
  for (const lock of [{}, lockedOn(A, 1)]) {
    const { state, outputs } = step(at('propose', 2, lock), { type: 'Proposal', valueId: A })
    expect(outputs).toEqual(prevote(2, A))
    expect(state).toEqual(at('prevote', 2, lock))
  }
})

test('line 26: a fresh proposal of another value than the locked one is prevoted nil, and the lock stays', () => {
  const { state, outputs } = step(at('propose', 2, lockedOn(B, 1)), { type: 'Proposal', valueId: A })
  expect(outputs).toEqual(prevote(2, null))
  expect(state).toEqual(at('prevote', 2, lockedOn(B, 1)))
})

test('line 26: an invalid proposal is prevoted nil', () => {
  expect(step(at('propose', 0), { type: 'ProposalInvalid' })).toEqual({
    state: at('prevote', 0),
    outputs: prevote(0, null),
  })
})

test('line 29-30: a re-proposal with a polka no earlier than the lock, or of the locked value, is prevoted', () => {
  const input: RoundInput = { type: 'ProposalAndPolkaPreviousAndValid', valueId: A, validRound: 2 }
  for (const lock of [{}, lockedOn(B, 1), lockedOn(B, 2), lockedOn(A, 3)]) {
    const { state, outputs } = step(at('propose', 4, lock), input)
    expect(outputs).toEqual(prevote(4, A))
    expect(state).toEqual(at('prevote', 4, lock))
  }
})

test('line 32: a re-proposal with a polka from before the lock is prevoted nil, and so is an invalid one', () => {
  const input: RoundInput = { type: 'ProposalAndPolkaPreviousAndValid', valueId: A, validRound: 2 }
  expect(step(at('propose', 4, lockedOn(B, 3)), input).outputs).toEqual(prevote(4, null))
  expect(step(at('propose', 4), { type: 'ProposalAndPolkaAndInvalid' }).outputs).toEqual(prevote(4, null))
})

test('line 28: the valid round of a re-proposal is a round before this one', () => {
  for (const validRound of [-1, 4, 5]) {
    expectIgnored(at('propose', 4), { type: 'ProposalAndPolkaPreviousAndValid', valueId: A, validRound })
  }
})

test('line 34-35: a polka of anything starts the prevote timer', () => {
  expect(step(at('prevote', 1), { type: 'PolkaAny' })).toEqual({
    state: at('prevote', 1),
    outputs: [timer('prevote', 1)],
  })
})

test('line 36-43: a polka for the proposal locks it, sets the valid value and precommits', () => {
  for (const lock of [{}, lockedOn(B, 1), lockedOn(A, 0)]) {
    const { state, outputs } = step(at('prevote', 2, lock), { type: 'ProposalAndPolkaAndValid', valueId: A })
    expect(outputs).toEqual(precommit(2, A))
    expect(state).toEqual(at('precommit', 2, lockedOn(A, 2)))
  }
})

test('line 42-43: a polka that comes after the precommit sets the valid value and not the lock', () => {
  const { state, outputs } = step(at('precommit', 2, lockedOn(B, 1)), { type: 'ProposalAndPolkaAndValid', valueId: A })
  expect(outputs).toEqual([])
  expect(state).toEqual(at('precommit', 2, { ...lockedOn(B, 1), validValue: A, validRound: 2 }))
})

test('line 44-46: a polka for nil precommits nil and unlocks nothing', () => {
  const { state, outputs } = step(at('prevote', 2, lockedOn(A, 1)), { type: 'PolkaNil' })
  expect(outputs).toEqual(precommit(2, null))
  expect(state).toEqual(at('precommit', 2, lockedOn(A, 1)))
})

test('line 47-48: precommits of anything start the precommit timer at every step', () => {
  for (const name of ['propose', 'prevote', 'precommit'] as const) {
    const state = at(name, 1)
    expect(step(state, { type: 'PrecommitAny' })).toEqual({ state, outputs: [timer('precommit', 1)] })
  }
})

test('line 49-51: a commit decides at every step and for every round', () => {
  for (const name of ['propose', 'prevote', 'precommit', 'unstarted'] as const) {
    for (const round of [0, 3, 7]) {
      const { state, outputs } = step(at(name, 3), { type: 'ProposalAndCommitAndValid', round, valueId: A })
      expect(outputs).toEqual([{ type: 'Decision', round, valueId: A }])
      expect(state.step).toBe('commit')
    }
  }
})

test('line 55-56: a later round with more than a third of the power is skipped to', () => {
  for (const name of ['propose', 'prevote', 'precommit'] as const) {
    const { state, outputs } = step(at(name, 1, lockedOn(A, 0)), { type: 'RoundSkip', round: 5 })
    expect(outputs).toEqual([{ type: 'SkipRound', round: 5 }])
    expect(state).toEqual(at('unstarted', 1, lockedOn(A, 0)))
  }
})

test('line 57-60: without a proposal in time it prevotes nil', () => {
  const input: RoundInput = { type: 'TimeoutPropose', height: 1, round: 2 }
  expect(step(at('propose', 2), input)).toEqual({ state: at('prevote', 2), outputs: prevote(2, null) })
})

test('line 61-64: without a polka in time it precommits nil', () => {
  const input: RoundInput = { type: 'TimeoutPrevote', height: 1, round: 2 }
  expect(step(at('prevote', 2), input)).toEqual({ state: at('precommit', 2), outputs: precommit(2, null) })
})

test('line 65-67: without a decision in time it goes on to the next round', () => {
  for (const name of ['propose', 'prevote', 'precommit'] as const) {
    const { outputs } = step(at(name, 2), { type: 'TimeoutPrecommit', height: 1, round: 2 })
    expect(outputs).toEqual([{ type: 'SkipRound', round: 3 }])
  }
})

test('line 58, 62, 66: a timer of another height, round or step does nothing', () => {
  for (const type of ['TimeoutPropose', 'TimeoutPrevote', 'TimeoutPrecommit'] as const) {
    for (const name of ['propose', 'prevote', 'precommit'] as const) {
      expectIgnored(at(name, 2), { type, height: 2, round: 2 })
      expectIgnored(at(name, 2), { type, height: 1, round: 1 })
      expectIgnored(at(name, 2), { type, height: 1, round: 3 })
    }
  }
  expectIgnored(at('prevote', 2), { type: 'TimeoutPropose', height: 1, round: 2 })
  expectIgnored(at('propose', 2), { type: 'TimeoutPrevote', height: 1, round: 2 })
  expectIgnored(at('precommit', 2), { type: 'TimeoutPrevote', height: 1, round: 2 })
})

const rounds = fc.nat({ max: 5 })
const valueIds = fc.constantFrom(A, B)
const inputs: fc.Arbitrary<RoundInput> = fc.oneof(
  fc.record({ type: fc.constant('NewRound' as const), round: rounds }),
  fc.record({ type: fc.constant('NewRoundProposer' as const), round: rounds, valueId: fc.option(valueIds) }),
  fc.record({ type: fc.constantFrom('ProposeValue' as const, 'Proposal' as const), valueId: valueIds }),
  fc.record({ type: fc.constant('ProposalAndPolkaAndValid' as const), valueId: valueIds }),
  fc.record({ type: fc.constantFrom('ProposalInvalid' as const, 'PolkaNil' as const, 'PolkaAny' as const) }),
  fc.record({ type: fc.constantFrom('PrecommitAny' as const, 'ProposalAndPolkaAndInvalid' as const) }),
  fc.record({
    type: fc.constant('ProposalAndPolkaPreviousAndValid' as const),
    valueId: valueIds,
    validRound: fc.integer({ min: -1, max: 5 }),
  }),
  fc.record({ type: fc.constant('RoundSkip' as const), round: rounds }),
  fc.record({
    type: fc.constantFrom('TimeoutPropose' as const, 'TimeoutPrevote' as const, 'TimeoutPrecommit' as const),
    height: fc.constant(1),
    round: rounds,
  }),
)

test('in any run: one prevote and one precommit a round, a lock only moves up and only with a precommit for it', () => {
  fc.assert(
    fc.property(fc.array(inputs, { maxLength: 80 }), run => {
      let state = makeRoundState(1)
      const voted = new Set<string>()
      for (const input of run) {
        const { state: after, outputs } = step(state, input)
        expect(after.round).toBeGreaterThanOrEqual(state.round)
        expect(after.lockedRound).toBeGreaterThanOrEqual(state.lockedRound)
        expect(after.validRound).toBeGreaterThanOrEqual(after.lockedRound)
        if (after.lockedRound !== state.lockedRound || after.lockedValue !== state.lockedValue) {
          expect(outputs).toEqual(precommit(after.round, after.lockedValue))
        }
        for (const output of outputs) {
          if (output.type !== 'Vote') continue
          expect(output.round).toBe(state.round)
          expect(voted).not.toContain(`${output.vote} ${output.round}`)
          voted.add(`${output.vote} ${output.round}`)
          if (output.vote === 'prevote' && output.valueId !== null && output.valueId !== state.lockedValue) {
            const isFree = state.lockedRound === -1 || ('validRound' in input && input.validRound >= state.lockedRound)
            expect(isFree).toBe(true)
          }
        }
        state = after
      }
    }),
    { numRuns: 500 },
  )
})

test('a decided height takes nothing any more', () => {
  const { state } = step(at('precommit', 3), { type: 'ProposalAndCommitAndValid', round: 3, valueId: A })
  expectIgnored(state, { type: 'ProposalAndCommitAndValid', round: 3, valueId: B })
  fc.assert(fc.property(inputs, input => expectIgnored(state, input)))
})
