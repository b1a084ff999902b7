import { describe, expect, test } from 'vitest'
import { wordnetPairs } from './wordnet.ts'

const LICENCE = '  1 This software and database is being provided to you  \n'
const SYNSETS = [
  '03 n 02 Moon 0 natural_satellite 0 000 | a body that turns around a planet; "the moon rose"; "Jupiter has moons"  ',
  '04 n 01 quota 0 000 | (trade) a share that is allowed: "the quota is ten"  ',
  '05 n 01 tide 0 000 | a rise of the sea; a fall of the sea  ',
  '06 n 01 nasty 0 000 | (ethnic slur) a word not to be learnt  ',
]

/** Both files as WordNet lays them out; every lemma has the offsets of the synsets that are named. */
function filesOf(entries: readonly (readonly [string, readonly number[]])[]): { index: string; data: string } {
  let data = LICENCE
  const offsets = SYNSETS.map(synset => {
    const offset = String(data.length).padStart(8, '0')
    data += `${offset} ${synset}\n`
    return offset
  })
  const lines = entries.map(
    ([lemma, senses]) =>
      `${lemma} n ${senses.length} 1 @ ${senses.length} 0 ${senses.map(sense => offsets[sense]).join(' ')}  \n`,
  )
  return { index: LICENCE + lines.join(''), data }
}

describe('the pairs of WordNet', () => {
  test('ask for a noun as it is written and answer with its first sense, without examples, as a sentence', () => {
    const files = filesOf([
      ['moon', [0, 2]],
      ['natural_satellite', [0]],
      ['quota', [1]],
      ['tide', [2, 0]],
    ])
    expect(wordnetPairs(files)).toEqual([
      { question: 'What is Moon?', answer: 'A body that turns around a planet.' },
      { question: 'What is natural satellite?', answer: 'A body that turns around a planet.' },
      { question: 'What is quota?', answer: '(Trade) a share that is allowed.' },
      { question: 'What is tide?', answer: 'A rise of the sea; a fall of the sea.' },
    ])
  })

  test('leave out abuse', () => {
    const questions = wordnetPairs(
      filesOf([
        ['nasty', [3]],
        ['tide', [2]],
      ]),
    ).map(({ question }) => question)
    expect(questions).toEqual(['What is tide?'])
  })

  test('are refused from files that are not WordNet', () => {
    const files = filesOf([['tide', [2]]])
    expect(() => wordnetPairs({ ...files, index: '' })).toThrow('no nouns')
    expect(() => wordnetPairs({ ...files, index: 'tide n one\n' })).toThrow('index line')
    expect(() => wordnetPairs({ ...files, data: files.data.slice(1) })).toThrow('no synset stands at')
  })
})
