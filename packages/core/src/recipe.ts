import { type Codec, codecError } from './codec/codec.ts'
import { struct } from './codec/composites.ts'
import { uint, uintMax, uintRange } from './codec/scalars.ts'

const MILLION = 1_000_000

/**
 * How a unit of training is run and how updates are put together. Integers only, because it stands on the chain:
 * `...Ppm` is a number times 10^6, `...Ppb` times 10^9.
 */
export interface Recipe {
  /** Samples in a batch. */
  batchSize: number
  /** Optimiser steps in a unit. */
  stepsPerUnit: number
  /** Steps between two parameter hashes of the trace. */
  traceEvery: number
  /** Samples on which the loss before and after is claimed. */
  probeSamples: number
  /** Units that one trainer may commit in a round. */
  maxUnitsPerRound: number
  /** AdamW (Loshchilov and Hutter 2019), fresh for every unit. */
  inner: {
    /** The highest rate of the unit. */
    learningRatePpm: number
    beta1Ppm: number
    beta2Ppm: number
    epsilonPpb: number
    weightDecayPpm: number
    /** Steps in which the rate rises from 0 to its peak, at most `stepsPerUnit`. */
    warmUpSteps: number
    /** The rate of the unit's last step as a share of the peak, half a cosine in between; 1,000,000: constant. */
    floorPpm: number
    /** Gradients longer than this L2 norm are shrunk to it; 0: never. */
    clipNormPpm: number
  }
  /** Nesterov momentum over the averaged pseudo-gradients (DiLoCo, Douillard et al. 2023). */
  outer: { learningRatePpm: number; momentumPpm: number }
}

const fields: Codec<Recipe> = struct({
  batchSize: uintRange(1, 65_536),
  stepsPerUnit: uintRange(1, 100_000),
  traceEvery: uintRange(1, 100_000),
  probeSamples: uintRange(1, 65_536),
  maxUnitsPerRound: uintRange(1, 65_536),
  inner: struct({
    learningRatePpm: uintMax(100 * MILLION),
    beta1Ppm: uintMax(MILLION - 1),
    beta2Ppm: uintMax(MILLION - 1),
    epsilonPpb: uintMax(1000 * MILLION),
    weightDecayPpm: uintMax(100 * MILLION),
    warmUpSteps: uintMax(100_000),
    floorPpm: uintMax(MILLION),
    clipNormPpm: uintMax(MILLION * MILLION),
  }),
  outer: struct({ learningRatePpm: uintMax(100 * MILLION), momentumPpm: uintMax(MILLION - 1) }),
})

export const recipeCodec: Codec<Recipe> = {
  toWire: (recipe, path = '$') => checkedWarmUp(fields.toWire(recipe, path) as Recipe, path),
  fromWire: (wire, path) => checkedWarmUp(fields.fromWire(wire, path), path),
}

/** A warm-up that outlasts its unit would never end, and the engine refuses it. */
function checkedWarmUp(recipe: Recipe, path: string): Recipe {
  const { stepsPerUnit, inner } = recipe
  if (inner.warmUpSteps > stepsPerUnit) {
    throw codecError(`${path}.inner.warmUpSteps`, `${inner.warmUpSteps} steps in a unit of ${stepsPerUnit}`)
  }
  return recipe
}

/** How good a model's parameters are on the held-out split. */
export interface Evaluation {
  correct: number
  total: number
  /** Bits of the mean loss as float32. */
  lossBits: number
}

export const evaluationCodec: Codec<Evaluation> = struct({ correct: uint, total: uint, lossBits: uintMax(0xffffffff) })
