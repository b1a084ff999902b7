/** The smallest thing that learns: for simulations and tests that need thousands of real units. */
import { CounterRandom, type Recipe, taggedHash, utf8 } from '@hydraai/core'
import type { ModelDocument } from '@hydraai/engine'
import { IMAGE_FORMAT, type ImageDataset } from '../data/images.ts'

/** A model, its data and its recipe; a unit takes about a millisecond. */
export interface Task {
  readonly document: ModelDocument
  readonly dataset: ImageDataset
  readonly recipe: Recipe
}

const CLASSES = 3
const SIDE = 4
const TRAIN_COUNT = 256
const TEST_COUNT = 128
const NOISE = 128

const document: ModelDocument = {
  format: 'hydra-model/1',
  input: [1, SIDE, SIDE],
  layers: [{ type: 'flatten' }, { type: 'dense', units: 8 }, { type: 'relu' }, { type: 'dense', units: CLASSES }],
  loss: 'softmax-cross-entropy',
}

const recipe: Recipe = {
  batchSize: 32,
  stepsPerUnit: 4,
  traceEvery: 2,
  // More of the unit than other recipes allow: of fewer nothing could be told.
  probeSamples: 8,
  maxUnitsPerRound: 2,
  inner: {
    learningRatePpm: 30_000,
    beta1Ppm: 900_000,
    beta2Ppm: 999_000,
    epsilonPpb: 10,
    weightDecayPpm: 10_000,
    warmUpSteps: 0,
    floorPpm: 1_000_000,
    clipNormPpm: 0,
  },
  outer: { learningRatePpm: 700_000, momentumPpm: 900_000 },
  compression: { type: 'int8' },
  aggregation: { type: 'clipped-mean' },
}

/** Always the same task: noisy copies of three random 4×4 patterns. */
export function tinyTask(): Task {
  return { document, dataset: tinyDataset(), recipe }
}

function tinyDataset(): ImageDataset {
  const random = new CounterRandom(taggedHash('hydra/tiny-task/1', utf8('data')))
  const size = SIDE * SIDE
  const patterns = Array.from({ length: CLASSES * size }, () => random.below(256 - NOISE))
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
