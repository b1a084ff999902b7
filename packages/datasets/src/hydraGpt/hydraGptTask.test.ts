import { contentIdOf } from '@hydraai/core'
import { ANSWER_TOKEN, END_TOKEN, tokenizerOfBytes } from '@hydraai/engine'
import { encodeDataset, samplesOf } from '@hydraai/training'
import { beforeAll, describe, expect, test } from 'vitest'
import { factsOf } from './facts.ts'
import {
  HYDRA_GPT_CONTEXT,
  HYDRA_GPT_VOCABULARY,
  type HydraGptTask,
  hydraGptTaskOf,
  loadHydraGptTask,
} from './hydraGptTask.ts'
import { normalisedQuestion, type Pair } from './pair.ts'

describe('the data of hydra-gpt', () => {
  let task: HydraGptTask
  beforeAll(async () => {
    task = await loadHydraGptTask()
  }, 60_000)

  /** The pair that sample number `index` of the dataset stands for. */
  function pairAt(index: number): Pair {
    const { offsets, from, tokens } = task.dataset
    const sample = tokens.subarray(offsets[index], offsets[index + 1])
    const start = from[index]!
    expect([sample[start - 1], sample.at(-1)]).toEqual([ANSWER_TOKEN, END_TOKEN])
    const tokenizer = tokenizerOfBytes(task.tokenizer)
    return {
      question: tokenizer.decode(sample.subarray(0, start - 1)),
      answer: tokenizer.decode(sample.subarray(start, -1)),
    }
  }

  test('is the same everywhere, to the byte', () => {
    expect(tokenizerOfBytes(task.tokenizer).vocabulary).toBe(HYDRA_GPT_VOCABULARY)
    expect([contentIdOf(task.tokenizer), contentIdOf(encodeDataset(task.dataset))]).toMatchInlineSnapshot(`
      [
        "92c6c001e3b082b14cbe66de379a552db94399ea5537732f96e55e129ed7f00e",
        "af72bdf55cfe32272f15ac691e8ee1b3ac9f1841ff0fbdb117e8881d4f06cf1d",
      ]
    `)
  })

  test('has the facts and WordNet as two strata, four draws of five from the facts, and 128 of each held out', () => {
    const { strata, testCount, context } = task.dataset
    expect(context).toBe(HYDRA_GPT_CONTEXT)
    expect(strata.map(({ weight }) => weight)).toEqual([4, 1])
    expect(strata[0]!.count).toBe(task.facts.reduce((sum, { questions }) => sum + questions.length, 0))
    expect(strata[1]!.count).toBeGreaterThan(100_000)
    expect(testCount).toBe(256)
    expect(pairAt(0)).toEqual({ question: task.facts[0]!.questions[0], answer: task.facts[0]!.answer })
  })

  test('never trains on a question that is held out', () => {
    const { trainCount, testCount } = task.dataset
    const heldOut = [...task.heldOut.facts, ...task.heldOut.wordnet]
    const kept = new Set(heldOut.map(({ question }) => normalisedQuestion(question)))
    const tokenizer = tokenizerOfBytes(task.tokenizer)
    const { offsets, from, tokens } = task.dataset
    for (let i = 0; i < trainCount; i++) {
      const question = tokenizer.decode(tokens.subarray(offsets[i]!, offsets[i]! + from[i]! - 1))
      if (kept.has(normalisedQuestion(question))) expect.fail(`"${question}" is trained on`)
    }
    const judged = Array.from({ length: testCount }, (_, i) => pairAt(trainCount + i))
    expect(judged).toEqual([...task.heldOut.facts.slice(0, 128), ...task.heldOut.wordnet.slice(0, 128)])
  })

  test('labels nothing but the answer', () => {
    const { x, y } = samplesOf(task.dataset, Int32Array.of(0))
    const start = task.dataset.from[0]!
    expect(y.subarray(0, start - 1).every(label => label === -1)).toBe(true)
    expect(y[start - 1]).toBe(x[start])
  })
})

test('a fact that is too long for the context is refused by name', () => {
  const answer = 'xyzzy plugh '.repeat(60).trim()
  const facts = factsOf(JSON.stringify({ answer, questions: ['What is long?'], heldOut: [] }), 'x.jsonl')
  const wordnet = [{ question: 'What is dog?', answer: 'An animal.' }]
  const corpus = {
    facts,
    training: { facts: [{ question: 'What is long?', answer }], wordnet },
    heldOut: { facts: [], wordnet },
  }
  expect(() => hydraGptTaskOf(corpus)).toThrow('"What is long?" and its answer take')
})
