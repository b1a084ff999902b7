import { join } from 'node:path'
import { ANSWER_TOKEN, END_TOKEN, tokenizerOfBytes } from '@hydraai/engine'
import { decodeDataset, type TextDataset } from '@hydraai/training'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { folderWith } from '../../../test/folder.ts'
import { formatOf, importData } from '../importData.ts'
import type { ImportOptions } from '../importer.ts'
import { piecesOf } from './plainText.ts'

async function text(name: string, content: string | Uint8Array, options: ImportOptions = {}) {
  const imported = await importData(join(folderWith({ [name]: content }), name), options)
  const dataset = imported.dataset as TextDataset
  const tokenizer = tokenizerOfBytes(imported.tokenizer!)
  const sampleAt = (i: number) => dataset.tokens.subarray(dataset.offsets[i], dataset.offsets[i + 1])
  return { ...imported, dataset, tokenizer, sampleAt }
}

const VERSES = Array.from(
  { length: 300 },
  (_, i) => `Line ${i}: the sea is ${['grey', 'blue', 'wide'][i % 3]} — é 🐙\n`,
).join('')
const PAIRS = Array.from({ length: 60 }, (_, i) =>
  JSON.stringify({ q: `What is ${i}?`, a: `It is number ${i}.` }),
).join('\n')

describe('a text', () => {
  test('becomes windows that learn every token but the first of a run once, over tokens learnt from the training part', async () => {
    const { dataset, encoded, report, tokenizer, sampleAt } = await text('poems.txt', VERSES, { context: 16 })
    expect(decodeDataset(encoded)).toEqual(dataset)
    expect([dataset.mode, dataset.context, dataset.vocabulary]).toEqual(['text', 16, tokenizer.vocabulary])
    expect(report).toMatchObject({
      kind: 'text',
      format: 'text',
      classes: [],
      samples: dataset.trainCount + dataset.testCount,
    })
    // The first window of each run begins with a line; what is learnt is the whole text but for those first tokens.
    let learnt = ''
    for (let i = 0; i < dataset.trainCount + dataset.testCount; i++) learnt += tokenizer.decode(sampleAt(i).subarray(1))
    const pieces = Math.round(VERSES.length / 1000)
    expect(VERSES.length - learnt.length).toBeLessThan(20 * pieces)
    expect(learnt).toContain('🐙')
  })

  test('gives the same bytes whatever ends its lines', async () => {
    const { encoded } = await text('poems.txt', VERSES)
    expect((await text('poems.txt', VERSES.replaceAll('\n', '\r\n'))).encoded).toEqual(encoded)
  })

  test('is cut into pieces that make it up again and split no character, with line ends or without', () => {
    const part = fc.oneof(
      fc.constantFrom('\n', '🐙', 'a line\n', 'x'.repeat(900), '🐙'.repeat(700)),
      fc.string({ unit: 'binary' }),
    )
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 40 }), parts => {
        const whole = parts.join('')
        const pieces = piecesOf(whole)
        expect(pieces.join('')).toBe(whole)
        expect(pieces.every(piece => piece.length > 0 && piece.length <= 4001 && piece.isWellFormed())).toBe(true)
      }),
    )
  })

  test('that is too short, empty, or no UTF-8 is refused', async () => {
    await expect(text('poems.txt', '\n \n')).rejects.toMatchObject({ code: 'DATA_INVALID' })
    await expect(text('poems.txt', 'a')).rejects.toMatchObject({ code: 'DATA_TOO_FEW' })
    const broken = Buffer.concat([Buffer.from('good\ngood\nb'), Uint8Array.of(0xc3, 10), Buffer.from('good')])
    await expect(text('poems.txt', broken)).rejects.toMatchObject({ message: expect.stringContaining('poems.txt:3') })
    await expect(text('poems.txt', VERSES, { context: 3 })).rejects.toMatchObject({ code: 'OPTION_INVALID' })
    await expect(text('poems.txt', VERSES, { vocabulary: 9 })).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  })
})

describe('JSON lines', () => {
  test('become questions and answers, of which the answers are learnt', async () => {
    const { dataset, tokenizer, sampleAt, report } = await text('pairs.jsonl', PAIRS)
    expect([dataset.mode, report.format, report.samples]).toEqual(['answers', 'json-lines', 60])
    const pairs = Array.from({ length: 60 }, (_, i) => {
      const sample = sampleAt(i)
      const from = dataset.from[i]!
      expect([sample[from - 1], sample.at(-1)]).toEqual([ANSWER_TOKEN, END_TOKEN])
      const q = tokenizer.decode(sample.subarray(0, from - 1))
      return JSON.stringify({ q, a: tokenizer.decode(sample.subarray(from, -1)) })
    })
    expect(pairs.sort()).toEqual(PAIRS.split('\n').sort())
  })

  test('leave out pairs that do not fit, and say how many', async () => {
    const long = JSON.stringify({ q: 'Why?', a: 'because 1 2 3 4 5 6 7 8 9 '.repeat(40) })
    const { report } = await text('pairs.jsonl', `${PAIRS}\n${long}`)
    expect([report.samples, report.warnings]).toEqual([60, ['1 pairs are longer than 64 tokens and were left out.']])
  })

  test.each([
    ['no JSON', 'nonsense', 'the line is not JSON'],
    ['no question', '{"a":"x"}', '"q" is no text'],
    ['an empty answer', '{"q":"x","a":""}', '"a" is no text'],
    ['nothing', 'null', '"q" is no text'],
    ['far too much', JSON.stringify({ q: 'x', a: 'y'.repeat(70_000) }), 'the line has more than 65,536 characters'],
  ])('with %s are refused by file and line', async (_, line, problem) => {
    await expect(text('pairs.jsonl', `${PAIRS}\n\n${line}\n`)).rejects.toMatchObject({
      message: expect.stringContaining(`pairs.jsonl:62: ${problem}`),
    })
  })
})

describe('what lies at a path', () => {
  const path = (name: string, content: string | Uint8Array) => join(folderWith({ [name]: content }), name)

  test('is found out by looking', async () => {
    expect(await formatOf(path('x.csv', 'a,b'))).toBe('csv')
    expect(await formatOf(path('x.data', 'a,b'), { target: 'b' })).toBe('csv')
    expect(await formatOf(path('x.data', PAIRS))).toBe('json-lines')
    expect(await formatOf(path('x', VERSES))).toBe('text')
    expect(await formatOf(path('some-images-idx3-ubyte', Uint8Array.of(0, 0, 8, 3)))).toBe('idx')
    expect(await formatOf(folderWith({ 'a/1.png': 'x' }))).toBe('image-folder')
  })

  test.each([
    ['a single image', Uint8Array.of(0xff, 0xd8, 0xff, 0xe0), 'a single image'],
    ['an archive', Uint8Array.of(0x1f, 0x8b, 8), 'packed by gzip'],
    ['a program', Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 0, 0), 'neither text nor images'],
  ])('and %s is refused', async (_, content, problem) => {
    await expect(formatOf(path('x', content))).rejects.toMatchObject({ message: expect.stringContaining(problem) })
  })

  test('and nothing is refused too', async () => {
    await expect(formatOf('/no/such/path')).rejects.toMatchObject({ message: '/no/such/path: there is nothing.' })
  })
})
