import { describe, expect, it } from 'vitest'
import { MODEL, World } from '../../test/world.ts'
import { Draft } from '../state/draft.ts'
import type { LedgerState, Phase } from '../state/types.ts'
import { advanceRounds } from './phases.ts'

const { state } = new World()

/** The end of an empty block over `state`, as far as rounds are concerned. */
function endOfBlock(over: LedgerState): Draft {
  const draft = Draft.over(over, { ...over, height: over.height + 1 })
  advanceRounds(draft, MODEL)
  return draft
}

function settlingIn(phase: Phase, phaseEndsAt: number): LedgerState['settling'] {
  return new Map([[MODEL, { ...state.rounds.get(MODEL)!, phase, phaseEndsAt }]])
}

describe('advanceRounds', () => {
  it('waits for the new model, but not for ever: the model then stays as it is', () => {
    const settling = settlingIn('aggregate', 1000)
    const waiting = endOfBlock({ ...state, height: 998, settling })
    expect(waiting.settling.get(MODEL)).toBe(settling.get(MODEL))
    const over = endOfBlock({ ...state, height: 999, settling })
    expect(over.settling.get(MODEL)).toBeUndefined()
    expect(over.model(MODEL)).toBe(state.models.get(MODEL))
  })

  it('keeps a round in phase base while the one before settles, and gives it the whole phase from then on', () => {
    const base = { ...state.rounds.get(MODEL)!, number: 2, phase: 'base' as const, phaseEndsAt: 3 }
    const rounds = new Map([[MODEL, base]])
    const busy = endOfBlock({ ...state, height: 500, rounds, settling: settlingIn('aggregate', 1000) })
    expect(busy.round(MODEL)).toBe(base)
    const free = endOfBlock({ ...state, height: 999, rounds, settling: settlingIn('aggregate', 1000) })
    expect(free.round(MODEL)).toEqual({ ...base, phaseEndsAt: 1000 + state.parameters.phases.base })
  })

  it('does not close a verification before its verifiers are drawn', () => {
    const settling = settlingIn('verify', 1)
    expect(endOfBlock({ ...state, height: 5, settling }).settling.get(MODEL)).toBe(settling.get(MODEL))
  })
})
