import { float32OfBits, taggedHash, utf8 } from '@hydraai/core'
import { beforeAll, describe, expect, test } from 'vitest'
import { addressNamed, jobWith } from '../test/fixtures.ts'
import { loadEngine } from '../test/loadEngine.ts'
import { datasetLike } from '../test/synthetic.ts'
import { aggregate, type ModelState } from './aggregate.ts'
import { TABLE_FORMAT, type TableDataset } from './data/table.ts'
import { TEXT_FORMAT, type TextDataset } from './data/text.ts'
import { presets } from './documents/presets.ts'
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

  test('of text counts the tokens that are learnt, and its loss is their mean', () => {
    const facts = { format: TEXT_FORMAT, context: 5, vocabulary: 12 } as const
    const whole = datasetLike(facts, { trainCount: 1, testCount: 70 })
    if (whole.format !== TEXT_FORMAT) throw new Error('not a text')
    const text: TextDataset = { ...whole, from: whole.from.map((_, i) => 1 + (i % 5)) }
    const { document } = presets['gpt-small'](text)
    const model = engine.compile(document, EVALUATION_BATCH)
    const parameters = initialParameters(engine, document, seed)
    const { correct, total, lossBits } = evaluateModel({ model, dataset: text, parameters })
    const learnt = text.lengths.subarray(1).reduce((sum, length, i) => sum + length - text.from[i + 1]!, 0)
    expect(total).toBe(learnt)
    expect(correct).toBeLessThan(total)
    // Nothing is known yet: about as bad as chance.
    expect(float32OfBits(lossBits)).toBeCloseTo(Math.log(12), 0)
  })

  test('of predicted numbers has no correct ones, and its loss is the mean squared error', () => {
    const table = datasetLike({ format: TABLE_FORMAT, features: 3, classes: 0 }, { trainCount: 1, testCount: 40 })
    const { document } = presets['mlp-small'](table as TableDataset)
    const model = engine.compile(document, EVALUATION_BATCH)
    const nothing = new Float32Array(initialParameters(engine, document, seed).length)
    const { correct, total, lossBits } = evaluateModel({ model, dataset: table, parameters: nothing })
    expect([correct, total]).toEqual([0, 40])
    const squares = [...(table as TableDataset).labels.subarray(1)].map(value => value * value)
    expect(float32OfBits(lossBits)).toBeCloseTo(squares.reduce((sum, square) => sum + square, 0) / 40, 5)
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
      return trainUnit(jobWith({ id, model, dataset, parameters: state.parameters, recipe })).payload
    })
    state = aggregate({ ...state, payloads, recipe })
  }
  const { correct, total } = evaluateModel({ model, dataset, parameters: state.parameters })
  expect(correct / total).toBeGreaterThan(0.9)
})
