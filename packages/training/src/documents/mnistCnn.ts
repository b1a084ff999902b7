import type { Recipe } from '@hydraai/core'
import type { ModelDocument } from '@hydraai/engine'

/** Two convolutions and one dense layer on 28×28 digits; 20,490 parameters. */
export const mnistCnn: ModelDocument = {
  format: 'hydra-model/1',
  input: [1, 28, 28],
  layers: [
    { type: 'conv2d', filters: 16, kernel: 3, padding: 1 },
    { type: 'relu' },
    { type: 'maxpool2d', size: 2 },
    { type: 'conv2d', filters: 32, kernel: 3, padding: 1 },
    { type: 'relu' },
    { type: 'maxpool2d', size: 2 },
    { type: 'flatten' },
    { type: 'dense', units: 10 },
  ],
  loss: 'softmax-cross-entropy',
}

/** Chosen with `scripts/learning.ts`. */
export const mnistRecipe: Recipe = {
  batchSize: 32,
  stepsPerUnit: 40,
  traceEvery: 10,
  probeSamples: 128,
  maxUnitsPerRound: 4,
  inner: { learningRatePpm: 2_000, beta1Ppm: 900_000, beta2Ppm: 999_000, epsilonPpb: 10, weightDecayPpm: 10_000 },
  outer: { learningRatePpm: 700_000, momentumPpm: 900_000 },
}
