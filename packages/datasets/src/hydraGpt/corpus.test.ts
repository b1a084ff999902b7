import { describe, expect, test } from 'vitest'
import { corpusOf } from './corpus.ts'
import { factsOf, readFacts } from './facts.ts'
import { normalisedQuestion, type Pair } from './pair.ts'

describe('facts', () => {
  test('that ship are several hundred, each with phrasings to train on and phrasings that are held out', async () => {
    const facts = await readFacts()
    expect(facts.length).toBeGreaterThan(400)
    expect(facts.every(({ questions, heldOut }) => questions.length > 0 && heldOut.length > 0)).toBe(true)
  })

  test.each([
    ['{"answer":"A."', 'the line is not JSON'],
    ['7', '"answer" is no text'],
    ['{"answer":" ","questions":["Q?"],"heldOut":[]}', '"answer" is no text'],
    ['{"answer":"A.","questions":[],"heldOut":[]}', '"questions" is no list of texts'],
    ['{"answer":"A.","questions":["Q?"],"heldOut":[1]}', '"heldOut" is no list of texts'],
  ])('name the file and the line of %s', (line, problem) => {
    const good = '{"answer":"A.","questions":["Q?"],"heldOut":[]}'
    expect(() => factsOf(`${good}\n\n${line}\n`, 'x.jsonl')).toThrow(
      expect.objectContaining({ code: 'FACT_INVALID', message: expect.stringContaining(`x.jsonl:3: ${problem}`) }),
    )
  })
})

describe('the corpus', () => {
  const facts = factsOf(
    '{"answer":"L.","questions":["What is a ledger?"],"heldOut":["Describe the block."]}',
    'x.jsonl',
  )
  const wordnet: Pair[] = Array.from({ length: 2000 }, (_, i) => ({
    question: `What is word ${i}?`,
    answer: `Meaning ${Math.floor(i / 2)}.`,
  }))

  test('takes the fact where WordNet answers the same question, and the first of two', () => {
    const rivals = [
      { question: 'What is ledger?', answer: 'A book.' },
      { question: 'describe Block', answer: 'A piece of wood.' },
      { question: 'What is ledgers?', answer: 'Books.' },
      { question: 'What is Ledgers?', answer: 'A village.' },
    ]
    const { training, heldOut } = corpusOf(facts, rivals)
    expect([...training.wordnet, ...heldOut.wordnet]).toEqual([rivals[2]])
  })

  test('holds out about one definition in fifty, with all its synonyms', () => {
    const { training, heldOut } = corpusOf(facts, wordnet)
    expect(heldOut.wordnet.length).toBeGreaterThan(10)
    expect(heldOut.wordnet.length).toBeLessThan(80)
    expect(training.wordnet.length + heldOut.wordnet.length).toBe(2000)
    const trained = new Set(training.wordnet.map(({ answer }) => answer))
    expect(heldOut.wordnet.filter(({ answer }) => trained.has(answer))).toEqual([])
  })

  test('does not depend on the order in which what is held out came', () => {
    expect(corpusOf(facts, [...wordnet].reverse()).heldOut).toEqual(corpusOf(facts, wordnet).heldOut)
  })
})

test('questions are compared without articles, case and punctuation', () => {
  expect(normalisedQuestion("What's  the LEDGER?")).toBe(normalisedQuestion('what s a ledger'))
  expect(normalisedQuestion('What is C++?')).not.toBe(normalisedQuestion('What is C?'))
})
