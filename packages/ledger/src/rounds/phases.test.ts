import { describe, expect, it } from 'vitest'
import { MODEL, person, World, workOf } from '../../test/world.ts'
import { Draft } from '../state/draft.ts'
import type { LedgerState } from '../state/types.ts'
import { advanceRound, beginVerifications } from './phases.ts'

/** The start of a block over `state`, as far as rounds are concerned. */
function startOfBlock(state: LedgerState): Draft {
  const draft = Draft.over(state, { ...state, height: state.height + 1 })
  beginVerifications(draft)
  return draft
}

/** The end of an empty block over `state`, as far as rounds are concerned. */
function endOfBlock(state: LedgerState): Draft {
  const draft = Draft.over(state, { ...state, height: state.height + 1 })
  advanceRound(draft, draft.round(MODEL))
  return draft
}

describe('beginVerifications', () => {
  it('expires a newcomer at once, and closes the round, when nobody is active who could verify', () => {
    const world = new World()
    const newcomer = person('newcomer')
    world.next([world.register(newcomer)])
    world.next([world.sign(newcomer, workOf(newcomer, 1, 0).commit)])
    world.until('reveal')
    const [update] = world.round.updates
    const reveal = { payload: world.state.genesis, payloadBytes: 1, traceRoot: world.state.genesis }
    const round = { ...world.round, updates: [{ ...update!, reveal }] }
    const height = world.state.height + world.state.parameters.activityWindow + 1
    const draft = startOfBlock({ ...world.state, height, rounds: new Map([[MODEL, round]]) })
    expect(draft.events).toMatchObject([
      { type: 'update', trainer: newcomer.address, outcome: 'expired' },
      { type: 'phase', round: 2, phase: 'work' },
    ])
    expect(draft.round(MODEL)).toMatchObject({ number: 2, updates: [] })
  })
})

describe('advanceRound', () => {
  it('waits for the new model, but not for ever: the next round then begins with the old parameters', () => {
    const { state } = new World()
    const round = { ...state.rounds.get(MODEL)!, phase: 'aggregate' as const, phaseEndsAt: 1000 }
    const rounds = new Map([[MODEL, round]])
    const waiting = endOfBlock({ ...state, height: 998, rounds })
    expect(waiting.round(MODEL)).toBe(round)
    expect(waiting.events).toEqual([])
    const over = endOfBlock({ ...state, height: 999, rounds })
    expect(over.round(MODEL)).toMatchObject({ number: 2, phase: 'work', updates: [] })
    expect(over.model(MODEL)).toBe(state.models.get(MODEL))
  })
})
