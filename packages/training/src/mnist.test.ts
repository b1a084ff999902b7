import { contentIdOf } from '@hydraai/core'
import { beforeAll, describe, expect, test } from 'vitest'
import { loadDigitFiles } from '../test/loadMnist.ts'
import type { ImageDataset } from './data/images.ts'
import { encodeDataset } from './dataset.ts'
import { interleaveClasses, mnistDataset } from './mnist.ts'

let digitFiles: number[][]
let dataset: ImageDataset

beforeAll(() => {
  digitFiles = loadDigitFiles()
  dataset = mnistDataset(digitFiles)
})

describe('the digits', () => {
  test('are the same bytes everywhere', () => {
    expect(contentIdOf(encodeDataset(dataset))).toMatchInlineSnapshot(
      `"be289c3f509faa38c8f93775c7b9aa70b76dcaa0bae487fc93406960d64e9ae2"`,
    )
  })

  test('split 9,000 to 1,000 with every class in proportion on both sides', () => {
    expect([dataset.trainCount, dataset.testCount, dataset.labels.length]).toEqual([9_000, 1_000, 10_000])
    for (let digit = 0; digit < 10; digit++) {
      const all = digitFiles[digit]!.length / 784
      const heldOut = dataset.labels.subarray(9_000).filter(label => label === digit).length
      expect(Math.abs(heldOut - all / 10)).toBeLessThan(1)
    }
  })

  test('keep their pixels: the first zero stands where the order puts it', () => {
    const row = dataset.labels.indexOf(0)
    const bytes = dataset.inputs.subarray(row * 784, (row + 1) * 784)
    expect([...bytes].map(byte => Math.round((byte / 255) * 1000) / 1000)).toEqual(
      digitFiles[0]!.slice(0, 784).map(value => Math.round(value * 1000) / 1000),
    )
  })

  test('are refused when a file is missing, cut short or no digit', () => {
    const refused = expect.objectContaining({ code: 'MNIST_INVALID' })
    expect(() => mnistDataset(digitFiles.slice(1))).toThrow(refused)
    expect(() => mnistDataset(digitFiles.map(file => file.slice(1)))).toThrow(refused)
    expect(() => mnistDataset(digitFiles.map(file => file.slice(784)))).toThrow(refused)
    expect(() => mnistDataset(digitFiles.with(0, new Array(digitFiles[0]!.length).fill(0.5)))).toThrow(refused)
  })
})

test('the order keeps each class in its own order and every stretch balanced', () => {
  const order = interleaveClasses([4, 2])
  expect(order.map(({ label, index }) => `${label}.${index}`)).toEqual(['0.0', '1.0', '0.1', '0.2', '1.1', '0.3'])
})
