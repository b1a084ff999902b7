import { float32OfBits, taggedHash, utf8 } from '@hydraai/core'
import { beforeAll, describe, expect, test } from 'vitest'
import { addressNamed } from '../test/fixtures.ts'
import { loadEngine } from '../test/loadEngine.ts'
import { aggregate, type ModelState } from './aggregate.ts'
import { tinyTask } from './documents/tinyTask.ts'
import { EVALUATION_BATCH, evaluateModel } from './evaluate.ts'
import { initialParameters } from './initialParameters.ts'
import { samplesOf } from './samples.ts'
import { trainUnit } from './unit.ts'

const { document, dataset, recipe } = tinyTask()
const seed = taggedHash('test/seed', utf8('evaluate'))
let engine: ReturnType<typeof loadEngine>
beforeAll(() => {
  engine = loadEngine()
})

describe('an evaluation', () => {
  test('scores the held-out part, each sample once', () => {
    const model = engine.compile(document, EVALUATION_BATCH)
    const parameters = initialParameters(engine, document, seed)
    const { correct, total, lossBits } = evaluateModel({ model, dataset, parameters })
    expect(total).toBe(dataset.testCount)

    const one = engine.compile(document, 1)
    one.setParameters(parameters)
    let right = 0
    let lossSum = 0
    for (let i = 0; i < total; i++) {
      const { x, y } = samplesOf(dataset, Int32Array.of(dataset.trainCount + i))
      const result = one.evaluate(x, y, 1)
      right += result.correct
      lossSum += result.lossSum
    }
    expect(correct).toBe(right)
    expect(float32OfBits(lossBits)).toBeCloseTo(lossSum / total, 4)
  })

  test('has the same bits on a model compiled for larger batches', () => {
    const parameters = initialParameters(engine, document, seed)
    const scores = [EVALUATION_BATCH, 2 * EVALUATION_BATCH].map(batch => {
      return evaluateModel({ model: engine.compile(document, batch), dataset, parameters })
    })
    expect(scores[1]).toEqual(scores[0])
  })

  test('refuses parameters that give no finite loss', () => {
    const parameters = new Float32Array(initialParameters(engine, document, seed).length).fill(3e38)
    expect(() => evaluateModel({ model: engine.compile(document, EVALUATION_BATCH), dataset, parameters })).toThrow(
      expect.objectContaining({ code: 'NON_FINITE' }),
    )
  })
})

test('rounds of units and aggregation teach the tiny task to all of three trainers', () => {
  const model = engine.compile(document, recipe.batchSize)
  const initial = initialParameters(engine, document, seed)
  let state: ModelState = { parameters: initial, momentum: new Float32Array(initial.length) }
  for (let round = 1; round <= 8; round++) {
    const beacon = taggedHash('test/beacon', utf8(String(round)))
    const payloads = ['a', 'b', 'c'].map(name => {
      const id = { beacon, model: 'tiny', round, unit: 0, trainer: addressNamed(name) }
      return trainUnit({ id, model, dataset, parameters: state.parameters, recipe }).payload
    })
    state = aggregate({ ...state, payloads, recipe })
  }
  const { correct, total } = evaluateModel({ model, dataset, parameters: state.parameters })
  expect(correct / total).toBeGreaterThan(0.9)
})
