import { contentIdOf, decode, encode, type Recipe, recipeCodec, segmentsOf, taggedHash, utf8 } from '@hydraai/core'
import { documentHash, modelDocumentCodec, parameterCount } from '@hydraai/engine'
import { describe, expect, test } from 'vitest'
import { addressNamed, jobWith } from '../../test/fixtures.ts'
import { loadEngine } from '../../test/loadEngine.ts'
import { loadDigitFiles } from '../../test/loadMnist.ts'
import { aggregate } from '../aggregate.ts'
import { encodeBody } from '../codec/body.ts'
import { encodeDataset } from '../dataset.ts'
import { evaluateModel } from '../evaluate.ts'
import { initialParameters } from '../initialParameters.ts'
import { mnistDataset } from '../mnist.ts'
import { decodePayload, encodePayload } from '../payload.ts'
import { trainUnit } from '../unit.ts'
import { hydraGptDocument, hydraGptRecipe } from './hydraGpt.ts'
import { mnistCnn, mnistRecipe } from './mnistCnn.ts'
import { tinyTask } from './tinyTask.ts'

describe('the tasks that ship', () => {
  test('are documents and recipes that a genesis can carry', () => {
    const tiny = tinyTask()
    const gpt = { document: hydraGptDocument, recipe: hydraGptRecipe }
    for (const { document, recipe } of [{ document: mnistCnn, recipe: mnistRecipe }, gpt, tiny]) {
      expect(decode(modelDocumentCodec, encode(modelDocumentCodec, document))).toEqual(document)
      expect(decode(recipeCodec, encode(recipeCodec, recipe))).toEqual(recipe)
    }
    expect(encodeDataset(tiny.dataset)).toEqual(encodeDataset(tinyTask().dataset))
    const counts = [mnistCnn, hydraGptDocument, tiny.document].map(parameterCount)
    expect(counts).toEqual([20_490, 1_884_640, 163])
    expect([mnistCnn, hydraGptDocument].map(documentHash)).toMatchInlineSnapshot(`
      [
        "2e408420833f1e58f6864bde768d4d0b3a5932d9929ce4fe6d162c7697214a17",
        "2eec26e1e35f816fca83a61432ba583387241bf714e5fdd8c521786c1db476ae",
      ]
    `)
  })

  test('cost a verifier that checks an update lightly a fiftieth of the unit at most', () => {
    for (const { probeSamples, stepsPerUnit, batchSize } of [mnistRecipe, hydraGptRecipe]) {
      expect(2 * probeSamples).toBeLessThanOrEqual(0.02 * 3 * stepsPerUnit * batchSize)
    }
  })

  test('one unit on the real digits has the committed bits and already reads most of them', () => {
    const engine = loadEngine()
    const dataset = mnistDataset(loadDigitFiles())
    const recipe = { ...mnistRecipe, stepsPerUnit: 60, traceEvery: 20 }
    const model = engine.compile(mnistCnn, recipe.batchSize)
    const parameters = initialParameters(engine, mnistCnn, taggedHash('test/seed', utf8('mnist')))
    const id = { beacon: taggedHash('test/beacon', utf8('mnist')), model: 'mnist-cnn', round: 1, unit: 0 }
    const job = { id: { ...id, trainer: addressNamed('a') }, model, dataset, parameters, recipe }
    const unit = trainUnit(jobWith(job))
    // Behind the leaves of the trace stand the bits of the update.
    const body = unit.payload.subarray(8 + 32 * segmentsOf(recipe) + 1)
    expect(contentIdOf(body)).toMatchInlineSnapshot(
      `"17cd437bce62f64736297731193ef43e40e11e59951c57a52d5f1e8fcf08fcc5"`,
    )

    // Sparse at the default density, with header, trace and scales, it takes at most 0.35 bits a parameter.
    const sparse: Recipe = { ...recipe, compression: { type: 'sparse', keepPpm: 31_250, decayPpm: 950_000 } }
    const { leaves, delta } = decodePayload(unit.payload, recipe, parameters.length)
    const small = encodePayload(sparse, leaves, encodeBody(sparse, delta, null).body)
    expect((8 * small.length) / parameters.length).toBeLessThanOrEqual(0.35)

    const momentum = new Float32Array(parameters.length)
    const next = aggregate({ parameters, momentum, payloads: [unit.payload], recipe })
    const { correct, total } = evaluateModel({ model, dataset, parameters: next.parameters })
    expect(correct / total).toBeGreaterThan(0.85)
  })
})
