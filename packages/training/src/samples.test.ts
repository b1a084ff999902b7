import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { tableDatasets, textDatasets } from '../test/arbitraries.ts'
import { textDataset } from './data/textBuilder.ts'
import { tinyTask } from './documents/tinyTask.ts'
import { samplesOf } from './samples.ts'

const { dataset } = tinyTask()
const END = 0
const ANSWER = 1

describe('samples', () => {
  test('of images are the float32 nearest to v/255, in the order asked for, repeats included', () => {
    const { x, y } = samplesOf(dataset, Int32Array.of(5, 300, 5))
    expect([...y]).toEqual([dataset.labels[5], dataset.labels[300], dataset.labels[5]])
    const expected = [5, 300, 5].flatMap(row => [...dataset.inputs.subarray(row * 16, row * 16 + 16)])
    expect([...x]).toEqual(expected.map(value => Math.fround(value / 255)))
  })

  test('of a table are its rows, with classes as int32 and numbers as float32', () => {
    fc.assert(
      fc.property(tableDatasets, table => {
        const count = table.trainCount + table.testCount
        const { x, y } = samplesOf(table, Int32Array.of(count - 1, 0))
        const rows = [count - 1, 0].flatMap(i => [...table.inputs.slice(i * table.features, (i + 1) * table.features)])
        expect([...x]).toEqual(rows)
        expect([...y]).toEqual([table.labels[count - 1], table.labels[0]])
        expect(y).toBeInstanceOf(table.classes === 0 ? Float32Array : Int32Array)
      }),
    )
  })

  test('of text are tokens padded to the context; only the answer is learnt', () => {
    const text = textDataset({
      context: 5,
      vocabulary: 16,
      mode: 'answers',
      strata: [{ weight: 1, samples: [{ tokens: [9, 8, ANSWER, 7, END], from: 3 }] }],
      heldOut: [
        { tokens: [2, 3, 4, 5, 6, 7], from: 1 },
        { tokens: [2, 3], from: 1 },
      ],
    })
    const { x, y } = samplesOf(text, Int32Array.of(0, 1, 2))
    expect([...x]).toEqual([...[9, 8, ANSWER, 7, END], ...[2, 3, 4, 5, 6], ...[2, 3, 0, 0, 0]])
    expect([...y]).toEqual([...[-1, -1, 7, END, -1], ...[3, 4, 5, 6, 7], ...[3, -1, -1, -1, -1]])
  })

  test('of text hold, behind each place that is learnt, the token that comes next', () => {
    fc.assert(
      fc.property(textDatasets, text => {
        const { context, lengths, from, tokens } = text
        let at = 0
        for (let i = 0; i < lengths.length; i++) {
          const { x, y } = samplesOf(text, Int32Array.of(i))
          const sample = [...tokens.slice(at, at + lengths[i]!)]
          at += lengths[i]!
          expect([...x]).toEqual(Array.from({ length: context }, (_, place) => sample[place] ?? 0))
          expect([...y]).toEqual(
            Array.from({ length: context }, (_, place) => (place + 1 >= from[i]! ? (sample[place + 1] ?? -1) : -1)),
          )
        }
      }),
    )
  })

  test('that the dataset does not have are refused', () => {
    const [table] = fc.sample(tableDatasets, 1)
    const [text] = fc.sample(textDatasets, 1)
    for (const one of [dataset, table!, text!]) {
      for (const index of [-1, one.trainCount + one.testCount]) {
        expect(() => samplesOf(one, Int32Array.of(index))).toThrow(expect.objectContaining({ code: 'SAMPLE_UNKNOWN' }))
      }
    }
  })
})
