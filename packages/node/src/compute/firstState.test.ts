import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { contentIdOf } from '@hydraai/core'
import { createEngine, type ModelDocument } from '@hydraai/engine'
import { foundingSeed } from '@hydraai/ledger'
import { type Dataset, initialParameters, textDataset, tinyTask } from '@hydraai/training'
import { describe, expect, test } from 'vitest'
import { foundNetwork } from '../founding/found.ts'
import { firstStateOf } from './firstState.ts'

const wasm = readFileSync(fileURLToPath(import.meta.resolve('@hydraai/engine/engine.wasm')))
const engine = createEngine(wasm)
const { document, dataset, recipe } = tinyTask()
const seed = foundingSeed('tiny')
const code = (name: string) => expect.objectContaining({ code: name })

const found = (change: { document?: ModelDocument; dataset?: Dataset; batchSize?: number }) => () =>
  firstStateOf(engine, {
    document: change.document ?? document,
    dataset: change.dataset ?? dataset,
    recipe: { ...recipe, batchSize: change.batchSize ?? recipe.batchSize },
    seed,
  })

describe('the founding of a model', () => {
  test('gives what a genesis with the same task would have begun with', () => {
    const { parameters, momentum, evaluation } = found({})()
    const [model] = foundNetwork({ validators: [], tasks: [{ id: 'tiny', ...tinyTask() }], time: 0, wasm }).genesis
      .models
    expect([contentIdOf(parameters), contentIdOf(momentum)]).toEqual([model!.parameters, model!.momentum])
    expect(evaluation).toEqual(model!.evaluation)
  })

  test('fails for data of another kind, shape or number of classes, and leaves no memory behind', () => {
    const text = textDataset({
      context: 16,
      vocabulary: 8,
      mode: 'text',
      strata: [{ weight: 1, samples: [{ tokens: [2, 3, 4], from: 1 }] }],
      heldOut: [{ tokens: [2, 3], from: 1 }],
    })
    const before = engine.allocatedBytes
    expect(found({ dataset: { ...dataset, shape: [1, 2, 8] } })).not.toThrow()
    expect(found({ dataset: text })).toThrow(code('TASK_MISMATCH'))
    const { inputs } = dataset
    expect(found({ dataset: { ...dataset, shape: [1, 2, 4], inputs: inputs.slice(0, inputs.length / 2) } })).toThrow(
      code('TASK_MISMATCH'),
    )
    expect(found({ dataset: { ...dataset, classes: 4 } })).toThrow(code('TASK_MISMATCH'))
    const layers = [{ type: 'embedding' as const, vocabulary: 4, width: 4 }, { type: 'tiedHead' as const }]
    const gpt: ModelDocument = { format: 'hydra-model/1', input: [16], layers, loss: 'masked-softmax-cross-entropy' }
    expect(found({ document: gpt })).toThrow(code('TASK_MISMATCH'))
    expect(found({ document: gpt, dataset: text })).toThrow(code('TASK_MISMATCH'))
    expect(engine.allocatedBytes).toBe(before)
  })

  test('fails for what no node could evaluate or train in its time or memory', () => {
    expect(found({ batchSize: 65_536, document: wide(8_192) })).toThrow(code('MODEL_TOO_LARGE'))
    const many = { ...dataset, testCount: Number.MAX_SAFE_INTEGER }
    expect(found({ dataset: many })).toThrow(code('MODEL_TOO_LARGE'))
  })
})

describe('a network that begins with a checkpoint', () => {
  test('names it with its version, its lineage and its tokenizer, and brings all of them', () => {
    const parameters = initialParameters(engine, document, foundingSeed('another'))
    const [lineage, tokenizer] = [Uint8Array.of(1, 2), Uint8Array.of(3)]
    const task = { id: 'tiny', ...tinyTask(), tokenizer, checkpoint: { parameters, version: 7, lineage } }
    const { genesis, blobs } = foundNetwork({ validators: [], tasks: [task], time: 0, wasm })
    const [model] = genesis.models
    expect(model).toMatchObject({ version: 7, lineage: contentIdOf(lineage), tokenizer: contentIdOf(tokenizer) })
    const stored = blobs.map(contentIdOf)
    for (const id of [model!.parameters, model!.lineage, model!.tokenizer]) expect(stored).toContain(id)
    const { evaluation } = firstStateOf(engine, { document, dataset, recipe, seed: foundingSeed('another') })
    expect(model!.evaluation).toEqual(evaluation)
  })
})

function wide(units: number): ModelDocument {
  return {
    ...document,
    layers: [{ type: 'flatten' }, { type: 'dense', units }, { type: 'relu' }, { type: 'dense', units: 3 }],
  }
}
