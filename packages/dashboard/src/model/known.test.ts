import { expect, it } from 'vitest'
import { knownOf } from './known.ts'
import { initialState } from './state.ts'

it('what the chain names for a version comes from the model’s row or a block, and is not guessed', () => {
  const model = (version: number) => ({ id: 'm', version, parameters: `of ${version}` })
  const block = { models: [model(1)] } as unknown as NonNullable<typeof initialState.blocks>[number]
  const row = { ...model(2), tokenizer: 't' } as unknown as NonNullable<typeof initialState.models>[number]
  const state = { ...initialState, models: [row], blocks: [block] }
  expect(knownOf(state, 'm', 2)).toEqual({ document: null, tokenizer: 't', parameters: 'of 2' })
  expect(knownOf(state, 'm', 1).parameters).toBe('of 1')
  expect(knownOf(state, 'm', 3).parameters).toBeNull()
  expect(knownOf(state, 'other', 2).parameters).toBeNull()
})
