import { decode, encode, float32OfBits, recipeCodec, taggedHash, utf8 } from '@hydraai/core'
import { modelDocumentOfBytes, modelDocumentToBytes, parameterCount } from '@hydraai/engine'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addressNamed, jobWith } from '../../test/fixtures.ts'
import { loadEngine } from '../../test/loadEngine.ts'
import { datasetLike } from '../../test/synthetic.ts'
import { aggregate, type ModelState } from '../aggregate.ts'
import { IMAGE_FORMAT } from '../data/images.ts'
import { TABLE_FORMAT } from '../data/table.ts'
import { TEXT_FORMAT } from '../data/text.ts'
import { EVALUATION_BATCH, evaluateModel } from '../evaluate.ts'
import { initialParameters } from '../initialParameters.ts'
import { assertTask } from '../task.ts'
import { trainUnit } from '../unit.ts'
import { type DatasetFacts, presetFor, presets } from './presets.ts'

const images = (shape: number[], classes: number): DatasetFacts => ({ format: IMAGE_FORMAT, shape, classes })
const table = (features: number, classes: number): DatasetFacts => ({ format: TABLE_FORMAT, features, classes })
const text = (context: number, vocabulary: number): DatasetFacts => ({ format: TEXT_FORMAT, context, vocabulary })
const presetOf = (facts: DatasetFacts) => presets[presetFor(facts.format)](facts)
const sizes = (min: number, max: number) => fc.integer({ min, max })

const anyFacts: fc.Arbitrary<DatasetFacts> = fc.oneof(
  fc.tuple(fc.tuple(sizes(1, 16), sizes(8, 256), sizes(8, 256)), sizes(2, 256)).map(([s, c]) => images(s, c)),
  fc.tuple(sizes(1, 65_536), fc.oneof(fc.constant(0), sizes(2, 256))).map(([f, c]) => table(f, c)),
  fc.tuple(sizes(1, 512), sizes(2, 4096)).map(([c, v]) => text(c, v)),
)

describe('a preset', () => {
  test('is a document and a recipe that a chain can carry, whatever the size of the data', () => {
    fc.assert(
      fc.property(anyFacts, facts => {
        const { document, recipe } = presetOf(facts)
        const bytes = modelDocumentToBytes(document)
        expect(bytes.length).toBeLessThan(16_384)
        expect(modelDocumentOfBytes(bytes)).toEqual(document)
        expect(decode(recipeCodec, encode(recipeCodec, recipe))).toEqual(recipe)
        expect(parameterCount(document)).toBeLessThan(facts.format === IMAGE_FORMAT ? 200_000 : 2 ** 24)
      }),
    )
  })

  test.each<[string, DatasetFacts]>([
    ['the smallest images', images([1, 8, 8], 2)],
    ['digits', images([1, 28, 28], 10)],
    ['a photo', images([3, 64, 48], 5)],
    ['a narrow image', images([2, 8, 256], 20)],
    ['a high image', images([3, 131, 9], 3)],
    ['a table with classes', table(7, 3)],
    ['a table with numbers', table(1, 0)],
    ['text', text(8, 40)],
  ])('takes its data: %s', (_, facts) => {
    const engine = loadEngine()
    const { document } = presetOf(facts)
    const model = engine.compile(document, 2)
    const dataset = datasetLike(facts, { trainCount: 2, testCount: 2 })
    expect(() => assertTask(model, dataset)).not.toThrow()
    expect(() => initialParameters(engine, document, taggedHash('test', utf8('seed')))).not.toThrow()
  })

  test('is chosen by the kind of data and refuses another, and sizes it is not made for', () => {
    const refused = expect.objectContaining({ code: 'PRESET_MISMATCH' })
    expect([images([1, 8, 8], 2), table(3, 2), text(4, 5)].map(({ format }) => presetFor(format))).toEqual([
      'cnn-small',
      'mlp-small',
      'gpt-small',
    ])
    expect(() => presets['cnn-small'](table(3, 2))).toThrow(refused)
    expect(() => presets['mlp-small'](text(4, 5))).toThrow(refused)
    expect(() => presets['gpt-small'](images([1, 8, 8], 2))).toThrow(refused)
    for (const shape of [
      [8, 8],
      [1, 7, 8],
      [1, 8, 257],
      [17, 8, 8],
      [1, 8, 8, 8],
    ]) {
      expect(() => presets['cnn-small'](images(shape, 2))).toThrow(refused)
    }
  })
})

describe('units and aggregation teach', () => {
  /** The evaluation before, and after `rounds` of two trainers, by the preset's own recipe. */
  function learn(facts: DatasetFacts, rounds: number) {
    const engine = loadEngine()
    const { document, recipe } = presetOf(facts)
    const dataset = datasetLike(facts, { trainCount: 400, testCount: 100 })
    const model = engine.compile(document, recipe.batchSize)
    const scorer = engine.compile(document, EVALUATION_BATCH)
    const initial = initialParameters(engine, document, taggedHash('test', utf8('presets')))
    let state: ModelState = { parameters: initial, momentum: new Float32Array(initial.length) }
    const score = () => {
      const { correct, total, lossBits } = evaluateModel({ model: scorer, dataset, parameters: state.parameters })
      return { accuracy: correct / total, loss: float32OfBits(lossBits) }
    }
    const before = score()
    for (let round = 1; round <= rounds; round++) {
      const beacon = taggedHash('test/beacon', utf8(String(round)))
      const payloads = ['a', 'b'].map(name => {
        const id = { beacon, model: 'preset', round, unit: 0, trainer: addressNamed(name) }
        return trainUnit(jobWith({ id, model, dataset, parameters: state.parameters, recipe })).payload
      })
      state = aggregate({ ...state, payloads, recipe })
    }
    return { before, after: score() }
  }

  test('cnn-small to tell images apart', () => {
    const { before, after } = learn(images([1, 8, 8], 4), 2)
    expect(before.accuracy).toBeLessThan(0.6)
    expect(after.accuracy).toBeGreaterThan(0.95)
  })

  test('mlp-small to tell rows apart, and to predict a number', () => {
    const classes = learn(table(5, 3), 2)
    expect(classes.after.loss).toBeLessThan(classes.before.loss / 2)
    expect(classes.after.accuracy).toBeGreaterThan(0.85)
    const regression = learn(table(5, 0), 2)
    expect(regression.after.loss).toBeLessThan(regression.before.loss / 10)
  })

  test('gpt-small to go on with a text', () => {
    const { before, after } = learn(text(4, 12), 1)
    expect(before.accuracy).toBeLessThan(0.2)
    expect(after.accuracy).toBeGreaterThan(0.95)
  })
})
