import { hashOf, utf8, ZERO_HASH } from '@hydraai/core'
import { describe, expect, it } from 'vitest'
import { optionsOf, seedOfText } from './sampling.ts'

const randomSeed = () => hashOf(utf8('random'))
const answer = (question: Partial<Parameters<typeof optionsOf>[0]> = {}) =>
  optionsOf({ question: 'What is a key?', ...question }, { mode: 'answer', randomSeed })

describe('a question without numbers', () => {
  it('is answered by the likeliest words, always the same', () => {
    expect(answer()).toEqual({
      question: 'What is a key?',
      mode: 'answer',
      temperaturePpm: 0,
      topK: 0,
      topPPpm: 1_000_000,
      seed: ZERO_HASH,
      maxTokens: 256,
    })
  })

  it('is gone on with by chance where a text is continued', () => {
    const options = optionsOf({ question: 'Once' }, { mode: 'continue', randomSeed })
    expect(options).toMatchObject({ mode: 'continue', temperaturePpm: 800_000, topPPpm: 950_000, seed: randomSeed() })
  })
})

describe('the numbers of a question', () => {
  it('are taken as they are within their bounds', () => {
    const given = { temperature: 0.7, topK: 40, topP: 0.9, maxTokens: 1_024, seed: '7' }
    const exact = { temperaturePpm: 700_000, topK: 40, topPPpm: 900_000, maxTokens: 1_024, seed: seedOfText('7') }
    expect(answer(given)).toMatchObject(exact)
    expect(answer({ temperature: 1 }).seed).toBe(randomSeed())
    expect(answer({ seed: 'ab'.repeat(32) }).seed).toBe('ab'.repeat(32))
  })

  it.each([
    [{ question: '  ' }],
    [{ question: 'ä'.repeat(1_001) }],
    [{ temperature: -0.1 }],
    [{ temperature: 11 }],
    [{ temperature: Number.NaN }],
    [{ topK: 1.5 }],
    [{ topK: 65_537 }],
    [{ topP: 1.1 }],
    [{ maxTokens: 0 }],
    [{ maxTokens: 1_025 }],
  ])('are refused beyond them: %j', question => {
    expect(() => answer(question)).toThrow(expect.objectContaining({ code: 'QUESTION_INVALID' }))
  })

  it('and halves of characters are made whole, so that both ends hash the same text', () => {
    expect(answer({ question: 'a\ud83d?' }).question).toBe('a\ufffd?')
  })
})
