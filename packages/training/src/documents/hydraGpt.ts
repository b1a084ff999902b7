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

const inner = {
  learningRatePpm: 1_500,
  beta1Ppm: 900_000,
  beta2Ppm: 980_000,
  epsilonPpb: 10,
  weightDecayPpm: 10_000,
  warmUpSteps: 10,
  floorPpm: 100_000,
  clipNormPpm: 1_000_000,
}

/** From the first parameters: units of half a minute of one core. */
export const hydraGptLineageRecipe: Recipe = {
  batchSize: 16,
  stepsPerUnit: 100,
  traceEvery: 50,
  probeSamples: 32,
  maxUnitsPerRound: 1,
  inner,
  outer: { learningRatePpm: 1_000_000, momentumPpm: 0 },
  compression: { type: 'int8' },
  aggregation: { type: 'clipped-mean' },
}

/** From a checkpoint of {@link hydraGptLineageRecipe}: the same units in smaller steps. */
export const hydraGptRefiningRecipe: Recipe = {
  ...hydraGptLineageRecipe,
  inner: { ...inner, learningRatePpm: 500 },
}

/**
 * How a network goes on from the checkpoint: units of a few seconds, so that several nodes on one machine can do and check
 * them, in steps small enough that a trained model is not thrown back by an optimiser that begins afresh.
 */
export const hydraGptRecipe: Recipe = {
  batchSize: 8,
  stepsPerUnit: 16,
  // A point of the trace is a hash over parameters and moments, 23 MB.
  traceEvery: 8,
  // Checked twice, forward: a fiftieth of the unit's 384 passes.
  probeSamples: 3,
  maxUnitsPerRound: 2,
  inner: { ...inner, learningRatePpm: 100, warmUpSteps: 3 },
  outer: { learningRatePpm: 1_000_000, momentumPpm: 0 },
  // 65 kB an update in place of 1.9 MB, and it learns as well: docs/learning-table.md.
  compression: { type: 'sparse', keepPpm: 31_250, decayPpm: 950_000 },
  aggregation: { type: 'clipped-mean' },
}
