import { contentIdOf } from '@hydraai/core'
import { encodeDataset } from '@hydraai/training'
import { expect, test } from 'vitest'
import { mnistTask } from './mnist.ts'

test('the digits that ship are 9,000 to train on and 1,000 to be judged by, always the same bytes', async () => {
  const { id, dataset } = await mnistTask()
  expect([id, dataset.trainCount, dataset.testCount, dataset.classes]).toEqual(['mnist-cnn', 9000, 1000, 10])
  expect(contentIdOf(encodeDataset(dataset))).toMatchInlineSnapshot(
    `"be289c3f509faa38c8f93775c7b9aa70b76dcaa0bae487fc93406960d64e9ae2"`,
  )
})
