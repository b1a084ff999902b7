import { expect, test } from 'vitest'
import { tinyTask } from './documents/tinyTask.ts'
import { samplesOf } from './samples.ts'

const { dataset } = tinyTask()

test('samples are the float32 nearest to v/255, in the order asked for, repeats included', () => {
  const { x, y } = samplesOf(dataset, Int32Array.of(5, 300, 5))
  expect([...y]).toEqual([dataset.labels[5], dataset.labels[300], dataset.labels[5]])
  const expected = [5, 300, 5].flatMap(row => [...dataset.inputs.subarray(row * 16, row * 16 + 16)])
  expect([...x]).toEqual(expected.map(value => Math.fround(value / 255)))
})

test('a sample that the dataset does not have is refused', () => {
  for (const index of [-1, dataset.labels.length]) {
    expect(() => samplesOf(dataset, Int32Array.of(index))).toThrow(expect.objectContaining({ code: 'SAMPLE_UNKNOWN' }))
  }
})
