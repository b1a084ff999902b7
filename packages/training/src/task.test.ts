import type { Layer, LossName, ModelDocument } from '@hydraai/engine'
import { beforeAll, describe, expect, test } from 'vitest'
import { loadEngine } from '../test/loadEngine.ts'
import { datasetLike } from '../test/synthetic.ts'
import { IMAGE_FORMAT } from './data/images.ts'
import { TABLE_FORMAT } from './data/table.ts'
import { TEXT_FORMAT } from './data/text.ts'
import type { Dataset } from './dataset.ts'
import { assertTask } from './task.ts'

const counts = { trainCount: 3, testCount: 1 }
const images = datasetLike({ format: IMAGE_FORMAT, shape: [1, 4, 4], classes: 3 }, counts)
const table = datasetLike({ format: TABLE_FORMAT, features: 16, classes: 3 }, counts)
const numbers = datasetLike({ format: TABLE_FORMAT, features: 16, classes: 0 }, counts)
const text = datasetLike({ format: TEXT_FORMAT, context: 4, vocabulary: 9 }, counts)

const model = (input: number[], layers: Layer[], loss: LossName): ModelDocument => {
  return { format: 'hydra-model/1', input, layers, loss }
}
const classifier = (input: number[], classes: number): ModelDocument => {
  return model(input, [{ type: 'flatten' }, { type: 'dense', units: classes }], 'softmax-cross-entropy')
}
const language = (context: number, vocabulary: number, loss: LossName = 'masked-softmax-cross-entropy') => {
  return model([context], [{ type: 'embedding', vocabulary, width: 4 }, { type: 'tiedHead' }], loss)
}
const predictor = (units: number) => model([16], [{ type: 'dense', units }], 'mse')

let engine: ReturnType<typeof loadEngine>
beforeAll(() => {
  engine = loadEngine()
})
const check = (document: ModelDocument, dataset: Dataset) => () => assertTask(engine.compile(document, 2), dataset)

describe('a model and its data', () => {
  test.each<[string, ModelDocument, Dataset]>([
    ['images', classifier([1, 4, 4], 3), images],
    ['more classes than needed', classifier([1, 4, 4], 5), images],
    ['rows', classifier([16], 3), table],
    ['numbers', predictor(1), numbers],
    ['text', language(4, 9), text],
    ['a larger vocabulary', language(4, 20), text],
  ])('fit together: %s', (_, document, dataset) => {
    expect(check(document, dataset)).not.toThrow()
  })

  test.each<[string, ModelDocument, Dataset]>([
    ['a larger image', classifier([1, 4, 5], 3), images],
    ['a smaller image', classifier([1, 4, 3], 3), images],
    ['too few classes', classifier([1, 4, 4], 2), images],
    ['too few features', classifier([15], 3), table],
    ['classes for numbers', classifier([16], 3), numbers],
    ['numbers for classes', predictor(1), table],
    ['two numbers for one', predictor(2), numbers],
    ['a longer context', language(5, 9), text],
    ['a shorter context', language(3, 9), text],
    ['a smaller vocabulary', language(4, 8), text],
    ['a loss that leaves nothing out', language(4, 9, 'softmax-cross-entropy'), text],
    ['images read as tokens', language(16, 256), images],
    ['text read as numbers', classifier([4], 9), text],
    [
      'one class for a whole text',
      model(
        [4],
        [{ type: 'embedding', vocabulary: 9, width: 4 }, { type: 'flatten' }, { type: 'dense', units: 9 }],
        'masked-softmax-cross-entropy',
      ),
      text,
    ],
  ])('do not fit, which is said: %s', (_, document, dataset) => {
    expect(check(document, dataset)).toThrow(expect.objectContaining({ code: 'TASK_MISMATCH' }))
  })
})
