import { describe, expect, it } from 'vitest'
import { blankDraft, checkDraft, type Draft, shortageOf } from './draft.ts'

const check = (draft: Partial<Draft>) => checkDraft({ ...blankDraft, question: 'Why?', ...draft }, 'hydra-gpt')

describe('a question', () => {
  it('carries only what was typed, so that the node chooses the rest', () => {
    expect(check({}).question).toEqual({ question: 'Why?', model: 'hydra-gpt' })
    expect(
      check({ question: '  Why? ', temperature: '.8', topK: '40', topP: '0.9', seed: ' 7 ', maxTokens: '9' }),
    ).toEqual({
      question: {
        question: 'Why?',
        model: 'hydra-gpt',
        temperature: 0.8,
        topK: 40,
        topP: 0.9,
        seed: '7',
        maxTokens: 9,
      },
      errors: {},
    })
  })

  it('is refused with what to type instead', () => {
    expect(check({ question: ' ' }).errors.question).toMatch(/Type what you want/)
    expect(check({ question: 'é'.repeat(1_001) }).errors.question).toMatch(/2000 bytes; this has 2002/)
    expect(check({ temperature: 'hot' }).errors.temperature).toBe('Write a number from 0 to 10, or nothing.')
    expect(check({ topK: '1.5' }).errors.topK).toMatch(/whole number/)
    expect(check({ topP: '1.1' }).errors.topP).toMatch(/0 to 1/)
    expect(check({ maxTokens: '0' }).errors.maxTokens).toMatch(/1 to 1024/)
    expect(check({ maxTokens: '-1' }).question).toBeNull()
  })
})

describe('the price', () => {
  it('is held against the wallet before anything is asked', () => {
    expect(shortageOf('0.5', '0.5')).toBeNull()
    expect(shortageOf('0.5', '0.499999')).toMatch(/costs 0\.5 HYDRA, and this wallet has 0\.499999/)
    expect(shortageOf('0.5', null)).toBeNull()
  })
})
