/**
 * How long a unit of each preset takes on one core, for data of several sizes. Prints one JSON line each.
 *
 *     node packages/training/scripts/presets.ts
 */
import { taggedHash, utf8 } from '@hydraai/core'
import { parameterCount } from '@hydraai/engine'
import {
  type DatasetFacts,
  IMAGE_FORMAT,
  initialParameters,
  presetFor,
  presets,
  roundProbe,
  strataOf,
  TABLE_FORMAT,
  TEXT_FORMAT,
  trainUnit,
} from '../src/index.ts'
import { addressNamed } from '../test/fixtures.ts'
import { loadEngine } from '../test/loadEngine.ts'
import { datasetLike } from '../test/synthetic.ts'

const images = (shape: number[], classes: number): DatasetFacts => ({ format: IMAGE_FORMAT, shape, classes })
const table = (features: number, classes: number): DatasetFacts => ({ format: TABLE_FORMAT, features, classes })
const text = (context: number, vocabulary: number): DatasetFacts => ({ format: TEXT_FORMAT, context, vocabulary })
const all = [
  images([1, 8, 8], 10),
  images([1, 28, 28], 10),
  images([3, 32, 32], 10),
  images([3, 64, 64], 10),
  images([3, 128, 128], 256),
  images([3, 256, 256], 10),
  table(10, 2),
  table(1000, 0),
  table(65_536, 10),
  text(64, 512),
  text(64, 2048),
  text(256, 2048),
]

for (const facts of all) {
  const { document, recipe } = presets[presetFor(facts.format)](facts)
  const engine = loadEngine()
  const dataset = datasetLike(facts, { trainCount: 64, testCount: 1 })
  const parameters = initialParameters(engine, document, taggedHash('presets', utf8('seed')))
  const model = engine.compile(document, recipe.batchSize)
  const id = {
    beacon: taggedHash('presets', utf8('beacon')),
    model: 'x',
    round: 1,
    unit: 0,
    trainer: addressNamed('a'),
  }
  const probe = roundProbe({ ...id, recipe, strata: strataOf(dataset) })
  const before = process.cpuUsage()
  trainUnit({ id, model, dataset, parameters, recipe, residual: null, probe })
  const { user, system } = process.cpuUsage(before)
  const { batchSize, stepsPerUnit } = recipe
  const line = { facts, parameters: parameterCount(document), batchSize, stepsPerUnit }
  console.log(JSON.stringify({ ...line, cpuMs: Math.round((user + system) / 1000) }))
}
