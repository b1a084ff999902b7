/** What the suite's networks train: small enough for thousands of real units, hard enough that a spoilt model shows. */
import { CounterRandom, type Recipe, taggedHash, utf8 } from '@hydraai/core'
import type { ModelDocument } from '@hydraai/engine'
import type { FoundingTask } from '@hydraai/node'
import { IMAGE_FORMAT, type ImageDataset, tinyTask } from '@hydraai/training'

export const MODEL = 'trial'
export const CLASSES = 4
const SIDE = 6
const TRAIN_COUNT = 512
const TEST_COUNT = 512
/** Each pixel is its pattern's, plus so much noise: neighbouring patterns overlap. */
const PATTERN = 64
const NOISE = 192

const document: ModelDocument = {
  format: 'hydra-model/1',
  input: [1, SIDE, SIDE],
  layers: [{ type: 'flatten' }, { type: 'dense', units: 12 }, { type: 'relu' }, { type: 'dense', units: CLASSES }],
  loss: 'softmax-cross-entropy',
}

const { recipe: tiny } = tinyTask()

const recipe: Recipe = {
  ...tiny,
  batchSize: 16,
  stepsPerUnit: 8,
  traceEvery: 2,
  probeSamples: 64,
  maxUnitsPerRound: 6,
  inner: { ...tiny.inner, learningRatePpm: 10_000 },
}

/** The same for every seed: worlds differ in who does what when, not in what is learnt. */
export function trialTask(change: Partial<Recipe> = {}): FoundingTask {
  return { id: MODEL, document, dataset: trialDataset(), recipe: { ...recipe, ...change } }
}

function trialDataset(): ImageDataset {
  const random = new CounterRandom(taggedHash('hydra/trial-task/1', utf8('data')))
  const size = SIDE * SIDE
  const patterns = Array.from({ length: CLASSES * size }, () => random.below(PATTERN))
  const count = TRAIN_COUNT + TEST_COUNT
  const labels = Uint8Array.from({ length: count }, (_, sample) => sample % CLASSES)
  const inputs = Uint8Array.from({ length: count * size }, (_, i) => {
    const label = labels[Math.floor(i / size)]!
    return patterns[label * size + (i % size)]! + random.below(NOISE)
  })
  return {
    format: IMAGE_FORMAT,
    shape: [1, SIDE, SIDE],
    classes: CLASSES,
    classNames: Array.from({ length: CLASSES }, (_, pattern) => `pattern ${pattern + 1}`),
    trainCount: TRAIN_COUNT,
    testCount: TEST_COUNT,
    inputs,
    labels,
  }
}
