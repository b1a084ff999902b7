import { readFileSync } from 'node:fs'
import { describe, expect, it, test } from 'vitest'
import { applyVote, makeVoteKeeper, roundStep } from '../../src/index.ts'
import { roundRows, voteScenarios } from './tables.ts'

const read = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8')
const rows = roundRows(read('roundMachine.table'))

describe('the round machine does as the table of the paper says', () => {
  it.each(rows.map(row => [row.line, row.paper, row.state.step, row.input.type, row] as const))(
    'row %i, lines %s: %s, %s',
    (_line, _paper, _step, _type, { state, input, after, outputs }) => {
      expect(roundStep(state, input)).toEqual({ state: after, outputs })
    },
  )

  it('and the table has every input in every step', () => {
    const inputs = [
      ['NewRound', 'NewRoundProposer', 'ProposeValue', 'Proposal', 'ProposalInvalid'],
      ['ProposalAndPolkaPreviousAndValid', 'ProposalAndPolkaAndInvalid', 'ProposalAndPolkaAndValid'],
      ['PolkaNil', 'PolkaAny', 'PrecommitAny', 'ProposalAndCommitAndValid', 'RoundSkip'],
      ['TimeoutPropose', 'TimeoutPrevote', 'TimeoutPrecommit'],
    ].flat()
    const steps = ['unstarted', 'propose', 'prevote', 'precommit', 'commit']
    const seen = new Set(rows.map(({ input, state }) => `${input.type} ${state.step}`))
    expect([...seen].sort()).toEqual(inputs.flatMap(input => steps.map(step => `${input} ${step}`)).sort())
  })
})

describe('the vote keeper crosses the thresholds of the paper', () => {
  test.each(voteScenarios(read('voteKeeper.table')))('$name', ({ powers, currentRound, votes }) => {
    let keeper = makeVoteKeeper(powers.reduce((sum, power) => sum + power, 0))
    for (const { vote, validator, threshold, isEvidence } of votes) {
      const outcome = applyVote(keeper, vote, powers[validator]!, currentRound)
      expect({ threshold: outcome.threshold, isEvidence: outcome.evidence !== null }).toEqual({ threshold, isEvidence })
      keeper = outcome.keeper
    }
  })
})
