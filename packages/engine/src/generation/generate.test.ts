import { hashOf, utf8 } from '@hydraai/core'
import { describe, expect, test } from 'vitest'
import { openEngine, values } from '../../test/support.ts'
import type { ModelDocument } from '../document.ts'
import { parameterCount } from '../shapes.ts'
import { tokenizerOf } from '../text/tokenizer.ts'
import { ANSWER_TOKEN, END_TOKEN } from '../text/tokens.ts'
import { type GenerationJob, generate, generateTokens } from './generate.ts'
import type { Generator } from './generator.ts'

const VOCABULARY = 262
const CONTEXT = 24
const DOCUMENT: ModelDocument = {
  format: 'hydra-model/1',
  input: [CONTEXT],
  layers: [
    { type: 'embedding', vocabulary: VOCABULARY, width: 12 },
    { type: 'residual', layers: [{ type: 'layerNorm' }, { type: 'attention', heads: 2 }] },
    { type: 'layerNorm' },
    { type: 'dense', units: VOCABULARY },
  ],
  loss: 'masked-softmax-cross-entropy',
}
const TOKENIZER = tokenizerOf([
  [103, 106],
  [258, 103],
])
const engine = openEngine()

/** A generator whose head favours some tokens by so much. */
function generatorOf(favours: Record<number, number> = {}): Generator {
  const generator = engine.generator(DOCUMENT)
  const parameters = values(parameterCount(DOCUMENT), 11)
  for (const [token, by] of Object.entries(favours)) parameters[parameters.length - VOCABULARY + Number(token)]! += by
  generator.setParameters(parameters)
  return generator
}

const jobOf = (job: Partial<GenerationJob> = {}): GenerationJob => ({
  generator: generatorOf(),
  tokenizer: TOKENIZER,
  question: 'eh? é',
  sampling: { temperaturePpm: 1_000_000, topK: 50, topPPpm: 950_000, seed: hashOf(utf8('generate')) },
  maxTokens: 12,
  ...job,
})
const greedy = { ...jobOf().sampling, temperaturePpm: 0 }
const code = (name: string) => expect.objectContaining({ code: name })

describe('an answer', () => {
  test('is the same everywhere', () => {
    expect([...generate(jobOf()).tokens]).toEqual([165, 4, 206, 213, 33, 226, 141, 244, 244, 226, 81, 117])
  })

  test('is drawn token by token from what the generator says after question, answer token and answer so far', () => {
    const job = jobOf()
    const { tokens } = generate(job)
    const generator = generatorOf()
    let logits = new Float32Array()
    for (const token of [...TOKENIZER.encode(job.question), ANSWER_TOKEN]) logits = generator.feed(token).slice()
    tokens.forEach((token, index) => {
      expect(engine.sample(logits.subarray(0, TOKENIZER.vocabulary), job.sampling, index)).toBe(token)
      logits = generator.feed(token).slice()
    })
  })

  test('comes in parts that make its text, of whole characters', () => {
    const parts: string[] = []
    const heard: number[] = []
    const { tokens, text, ended } = generate({
      ...jobOf(),
      onToken(token, part) {
        heard.push(token)
        parts.push(part)
      },
    })
    expect(heard).toEqual([...tokens])
    expect(text).toBe(TOKENIZER.decode(tokens))
    expect(text.startsWith(parts.join(''))).toBe(true)
    expect(ended).toBe('length')
    expect(tokens).toHaveLength(12)
  })

  test('does not depend on what the generator held before', () => {
    const generator = generatorOf()
    generator.feed(7)
    expect(generate(jobOf({ generator }))).toEqual(generate(jobOf()))
    expect(generate(jobOf({ generator }))).toEqual(generate(jobOf()))
  })

  test('ends where the model ends it, without the token that says so', () => {
    const { tokens, text, ended } = generate(jobOf({ generator: generatorOf({ [END_TOKEN]: 1000 }) }))
    expect({ tokens: [...tokens], text, ended }).toEqual({ tokens: [], text: '', ended: 'end' })
  })

  test('ends when whoever listens says so, with the token that was heard', () => {
    let heard = 0
    const { tokens, ended } = generate({ ...jobOf(), onToken: () => ++heard < 3 })
    expect(tokens).toEqual(generate(jobOf()).tokens.slice(0, 3))
    expect(ended).toBe('stopped')
    const steps = generateTokens(jobOf())
    expect(steps.next(true).value).toEqual({ token: tokens[0], text: TOKENIZER.decode([tokens[0]!]) })
    expect(steps.next(true)).toMatchObject({ done: true, value: { ended: 'stopped', tokens: tokens.slice(0, 1) } })
  })

  test('ends where the context is full: the last token is drawn, not read', () => {
    const job = jobOf({ maxTokens: 1000, generator: generatorOf({ 100: 1000 }) })
    const { tokens, ended } = generate(job)
    expect(ended).toBe('length')
    expect(tokens.length).toBe(CONTEXT - TOKENIZER.encode(job.question).length)
  })

  test('to a question that does not fit is refused', () => {
    expect(() => generate(jobOf({ question: 'x'.repeat(CONTEXT) }))).toThrow(code('CONTEXT_FULL'))
    expect(generate(jobOf({ question: 'x'.repeat(CONTEXT - 1) })).tokens).toHaveLength(1)
    expect(() => generate(jobOf({ question: 'xy'.repeat(500_000) }))).toThrow(code('CONTEXT_FULL'))
  })

  test('never holds a token that the tokenizer does not have', () => {
    const generator = generatorOf({ 260: 1000, 261: 1000 })
    const { tokens } = generate(jobOf({ generator, sampling: greedy }))
    expect(Math.max(...tokens)).toBeLessThan(TOKENIZER.vocabulary)
  })

  test.each([0, -1, 1.5, 65_537, Number.NaN])('of at most %d tokens is refused', maxTokens => {
    expect(() => generate(jobOf({ maxTokens }))).toThrow(code('RANGE_INVALID'))
  })

  test('by wrong sampling, or with the tokenizer of another model, is refused before anything runs', () => {
    const generator = generatorOf()
    generator.feed(1)
    const sampling = { ...greedy, topK: -1 }
    expect(() => generate(jobOf({ generator, sampling }))).toThrow(code('SAMPLING_INVALID'))
    const merges = Array.from({ length: 5 }, (_, i): [number, number] => [2, 2 + i])
    expect(() => generate(jobOf({ generator, tokenizer: tokenizerOf(merges) }))).toThrow(code('TOKENIZER_MISMATCH'))
    expect(generator.length).toBe(1)
  })
})

describe('a continuation', () => {
  test('goes on from the text itself, and from nothing', () => {
    const { tokens } = generate(jobOf({ mode: 'continue', sampling: greedy, maxTokens: 1 }))
    const generator = generatorOf()
    let logits = new Float32Array()
    for (const token of TOKENIZER.encode('eh? é')) logits = generator.feed(token).slice()
    expect(tokens[0]).toBe(engine.sample(logits.subarray(0, TOKENIZER.vocabulary), greedy, 0))
    expect(generate(jobOf({ mode: 'continue', question: '' })).tokens).toHaveLength(12)
  })

  test('reads the last half of a full context again and goes on', () => {
    const question = 'abcdefghijklmnopqrst'
    const { tokens, ended } = generate(jobOf({ mode: 'continue', question, maxTokens: 60 }))
    expect(ended).toBe('length')
    expect(tokens).toHaveLength(60)
    // Twenty tokens and four more fill the context; the fifth is read with the eleven before it.
    const text = [...TOKENIZER.encode(question), ...tokens]
    const generator = generatorOf()
    let logits = new Float32Array()
    for (const token of text.slice(13, 25)) logits = generator.feed(token).slice()
    expect(tokens[5]).toBe(engine.sample(logits.subarray(0, TOKENIZER.vocabulary), jobOf().sampling, 5))
  })

  test('of a long text goes on from its end', () => {
    const long = generate(jobOf({ mode: 'continue', question: 'x'.repeat(100_000) }))
    expect(long).toEqual(generate(jobOf({ mode: 'continue', question: 'x'.repeat(CONTEXT / 2) })))
  })
})
