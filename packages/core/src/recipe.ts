import { type Codec, codecError } from './codec/codec.ts'
import { struct, variant } from './codec/composites.ts'
import { uint, uintMax, uintRange } from './codec/scalars.ts'

const MILLION = 1_000_000
const HALF = 500_000

/** Segments that a unit's trace may have: that many leaves are in every payload. */
export const MAX_SEGMENTS = 64

/** How an update is written: see `codec/` of the training package. */
export type Compression =
  | { type: 'int8' }
  /**
   * The largest values of each tile of 4096, in two bits each, and what was left out is added to a later update
   * (SparseLoCo, arXiv 2508.15706). `keepPpm`: share of a tile's values that is sent; `decayPpm`: share of what was
   * left out that comes back.
   */
  | { type: 'sparse'; keepPpm: number; decayPpm: number }

/** How a round's updates become one, after decompression. */
export type Aggregation =
  /** The mean, what is longer than the median norm scaled down to it. */
  | { type: 'clipped-mean' }
  /** In each coordinate the mean without the `trimPpm` smallest and largest (Yin et al. 2018). */
  | { type: 'trimmed-mean'; trimPpm: number }
  /** Steps towards the updates, each cut at a radius, a share of the median norm (Karimireddy et al. 2021). */
  | { type: 'centred-clipping'; iterations: number; radiusPpm: number }
  /** The mean of those whose nearest neighbours are nearest, if `byzantinePpm` of them lie (Blanchard et al. 2017). */
  | { type: 'multi-krum'; byzantinePpm: number }

/**
 * How a unit of training is run and how updates are put together. Integers only, because it stands on the chain:
 * `...Ppm` is a number times 10^6, `...Ppb` times 10^9.
 */
export interface Recipe {
  /** Samples in a batch. */
  batchSize: number
  /** Optimiser steps in a unit. */
  stepsPerUnit: number
  /** Steps between two hashes of the trace, which cuts a unit into at most {@link MAX_SEGMENTS} segments. */
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
  compression: Compression
  aggregation: Aggregation
}

/** Segments of a unit's trace; the last may be shorter. */
export function segmentsOf({ stepsPerUnit, traceEvery }: Pick<Recipe, 'stepsPerUnit' | 'traceEvery'>): number {
  return Math.ceil(stepsPerUnit / traceEvery)
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
  compression: variant({
    int8: {},
    sparse: { keepPpm: uintRange(1, 200_000), decayPpm: uintMax(MILLION) },
  }),
  aggregation: variant({
    'clipped-mean': {},
    'trimmed-mean': { trimPpm: uintMax(HALF - 1) },
    'centred-clipping': { iterations: uintRange(1, 10), radiusPpm: uintRange(1, 100 * MILLION) },
    'multi-krum': { byzantinePpm: uintMax(HALF - 1) },
  }),
})

export const recipeCodec: Codec<Recipe> = {
  toWire: (recipe, path = '$') => checkedSteps(fields.toWire(recipe, path) as Recipe, path),
  fromWire: (wire, path) => checkedSteps(fields.fromWire(wire, path), path),
}

/** A warm-up that outlasts its unit would never end, and the engine refuses it; a trace may have so many leaves. */
function checkedSteps(recipe: Recipe, path: string): Recipe {
  const { stepsPerUnit, inner } = recipe
  if (segmentsOf(recipe) > MAX_SEGMENTS) {
    throw codecError(`${path}.traceEvery`, `${segmentsOf(recipe)} segments in a unit are more than ${MAX_SEGMENTS}`)
  }
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
