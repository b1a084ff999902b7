/** The language model that answers questions about the world, machine learning and this network itself. */
import type { Recipe } from '@hydraai/core'
import type { ModelDocument } from '@hydraai/engine'
import { gptDocument } from './gpt.ts'

/** 1.9 million parameters: its checkpoint, 7.5 MB of float32, ships as it is and not rounded to fewer bits. */
export const hydraGptDocument: ModelDocument = gptDocument({
  context: 64,
  vocabulary: 2048,
  width: 160,
  blocks: 5,
  heads: 5,
})

export const hydraGptRecipe: Recipe = {
  batchSize: 16,
  stepsPerUnit: 20,
  traceEvery: 10,
  probeSamples: 32,
  maxUnitsPerRound: 1,
  inner: {
    learningRatePpm: 600,
    beta1Ppm: 900_000,
    beta2Ppm: 990_000,
    epsilonPpb: 10,
    weightDecayPpm: 10_000,
    warmUpSteps: 2,
    floorPpm: 100_000,
    clipNormPpm: 1_000_000,
  },
  outer: { learningRatePpm: 1_000_000, momentumPpm: 0 },
}
