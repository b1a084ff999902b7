import { describe, expect, it } from 'vitest'
import type { ModelRow, Training } from '../api/shapes.ts'
import { settleChoice, shownModel } from './choice.ts'

const row = (id: string): ModelRow => ({
  id,
  version: 1,
  round: 2,
  phase: 'work',
  phaseEndsAt: null,
  settling: null,
  updates: 0,
  parameters: 'ab',
  parameterCount: 1,
  evaluation: null,
  kind: null,
  tokenizer: null,
  owner: null,
  ownerName: null,
  registeredAt: 0,
})
const training = (model: string | null): Training => ({
  current: model === null ? null : { model, round: 1, unit: 0, label: '', step: 0, steps: 1, loss: null },
  unitsCompleted: 0,
  earned: '0',
  losses: [],
  only: null,
  verifying: null,
  cpu: { trainingMs: 0, checkingMs: 0, replayingMs: 0 },
  trainingShare: null,
})
const models = [row('gpt'), row('mnist')]

describe('the model on show', () => {
  it('is at first the one that this node trains, and waits until the node has said so', () => {
    expect(settleChoice({ chosen: null, models, training: null })).toBeNull()
    expect(settleChoice({ chosen: null, models, training: training('mnist') })).toBe('mnist')
    expect(settleChoice({ chosen: null, models, training: training(null) })).toBe('gpt')
  })

  it('stays when the node goes on to another model', () => {
    expect(settleChoice({ chosen: 'gpt', models, training: training('mnist') })).toBe('gpt')
  })

  it('is another one when the chosen one is not of this network', () => {
    expect(settleChoice({ chosen: 'poems', models, training: training('mnist') })).toBe('mnist')
    expect(shownModel({ chosen: 'poems', models, training: null })?.id).toBe('gpt')
    expect(shownModel({ chosen: 'mnist', models, training: null })?.id).toBe('mnist')
  })
})
