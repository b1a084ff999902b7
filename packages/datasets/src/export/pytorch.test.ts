/** An export computes in PyTorch what it computes here. Without PyTorch there is nothing to compare with. */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CounterRandom, taggedHash, utf8, ZERO_HASH } from '@hydraai/core'
import type { ModelDocument, Samples, Targets } from '@hydraai/engine'
import { initialParameters, presets } from '@hydraai/training'
import { expect, test } from 'vitest'
import { folderWith } from '../../test/folder.ts'
import { loadEngine } from '../../test/loadEngine.ts'
import { findTorch } from '../../test/torch.ts'
import { toSafetensors } from './safetensors.ts'

const LOADER_FOLDER = fileURLToPath(new URL('../../../../bench/pytorch/', import.meta.url))
const torch = findTorch()
const reason = 'reason' in torch ? ` (left out: ${torch.reason})` : ''
const BATCH = 4

const everyLayer: ModelDocument = {
  format: 'hydra-model/1',
  input: [3, 12, 12],
  layers: [
    { type: 'conv2d', filters: 8, kernel: 5, padding: 2, stride: 2 },
    { type: 'groupNorm', groups: 2 },
    { type: 'silu' },
    { type: 'residual', layers: [{ type: 'conv2d', filters: 8, kernel: 3, padding: 1 }, { type: 'gelu' }] },
    { type: 'avgpool2d', size: 2 },
    { type: 'flatten' },
    { type: 'dropout', ratePpm: 100_000 },
    { type: 'dense', units: 10, bias: 0 },
    { type: 'layerNorm' },
    { type: 'dense', units: 5 },
  ],
  loss: 'softmax-cross-entropy',
}

const DOCUMENTS: readonly (readonly [string, ModelDocument])[] = [
  ['mlp-small', presets['mlp-small']({ format: 'hydra-table/1', features: 9, classes: 3 }).document],
  ['mlp-small for a number', presets['mlp-small']({ format: 'hydra-table/1', features: 9, classes: 0 }).document],
  ['cnn-small', presets['cnn-small']({ format: 'hydra-data/1', shape: [3, 32, 32], classes: 4 }).document],
  ['gpt-small', presets['gpt-small']({ format: 'hydra-text/1', context: 32, vocabulary: 300 }).document],
  ['every other layer', everyLayer],
]

/** A batch of noise that the document takes. */
function batchFor(document: ModelDocument): { x: Samples; y: Targets } {
  const random = new CounterRandom(taggedHash('test/batch', utf8('pytorch')))
  const [first] = document.layers
  const inputs = BATCH * document.input.reduce((size, length) => size * length, 1)
  if (first?.type === 'embedding') {
    const x = Int32Array.from({ length: inputs }, () => random.below(first.vocabulary))
    return { x, y: x.map((token, i) => (i % 3 === 0 ? -1 : (token * 7) % first.vocabulary)) }
  }
  const x = Float32Array.from({ length: inputs }, () => random.below(2001) / 1000 - 1)
  if (document.loss === 'mse') return { x, y: Float32Array.from({ length: BATCH }, (_, i) => i - 1.5) }
  return { x, y: Int32Array.from({ length: BATCH }, (_, i) => i % 3) }
}

/** One process for all, as importing PyTorch takes seconds: a line {"file", "x", "y"} in, the loss out. */
const SCRIPT = `
import json, sys
sys.path.insert(0, sys.argv[1])
from load_export import load, loss_of
for line in sys.stdin:
    job = json.loads(line)
    model, metadata = load(job["file"])
    print(loss_of(model, metadata["document"], job["x"], job["y"]))
`

test.skipIf('reason' in torch)(`models have the same loss in PyTorch, to 1e-5${reason}`, () => {
  const folder = folderWith({})
  const random = new CounterRandom(taggedHash('test/shift', utf8('pytorch')))
  const jobs = DOCUMENTS.map(([name, document]) => {
    const engine = loadEngine()
    const parameters = initialParameters(engine, document, taggedHash('test/seed', utf8('pytorch')))
    // Everything has an influence: what begins as 0 or 1 would hide a mistake.
    const shifted = parameters.map(value => value + (random.below(201) - 100) / 2000)
    const model = engine.compile(document, BATCH)
    model.setParameters(shifted)
    const { x, y } = batchFor(document)
    const { lossSum, scored } = model.evaluate(x, y, BATCH)
    const origin = { chainId: 'hydra-test', model: name, version: 1, data: ZERO_HASH, tokenizer: null }
    const file = join(folder, `${name}.safetensors`)
    writeFileSync(file, toSafetensors({ document, parameters: shifted, origin }))
    return { name, loss: lossSum / scored, line: JSON.stringify({ file, x: Array.from(x), y: Array.from(y) }) }
  })
  const python = 'python' in torch ? torch.python : ''
  const input = jobs.map(({ line }) => `${line}\n`).join('')
  const { stdout, stderr } = spawnSync(python, ['-c', SCRIPT, LOADER_FOLDER], {
    input,
    encoding: 'utf8',
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
  })
  expect(stderr).toBe('')
  const losses = stdout.trim().split('\n').map(Number)
  expect(losses).toHaveLength(jobs.length)
  jobs.forEach(({ name, loss }, i) => {
    expect(Math.abs(losses[i]! - loss), name).toBeLessThan(1e-5 * Math.max(1, loss))
  })
})
