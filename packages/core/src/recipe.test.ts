import { expect, it } from 'vitest'
import { decode, encode, type Infer } from './codec/codec.ts'
import { evaluationCodec, MAX_SEGMENTS, type Recipe, recipeCodec, segmentsOf } from './recipe.ts'

const recipe: Recipe = {
  batchSize: 64,
  stepsPerUnit: 40,
  traceEvery: 10,
  probeSamples: 256,
  maxUnitsPerRound: 8,
  inner: {
    learningRatePpm: 1000,
    beta1Ppm: 900_000,
    beta2Ppm: 999_000,
    epsilonPpb: 10,
    weightDecayPpm: 10_000,
    warmUpSteps: 4,
    floorPpm: 100_000,
    clipNormPpm: 1_000_000,
  },
  outer: { learningRatePpm: 700_000, momentumPpm: 900_000 },
  compression: { type: 'int8' },
  aggregation: { type: 'clipped-mean' },
}
const refused = expect.objectContaining({ code: 'CODEC_INVALID' })

it('a recipe survives the wire', () => {
  const read: Infer<typeof recipeCodec> = decode(recipeCodec, encode(recipeCodec, recipe))
  expect(read).toEqual(recipe)
})

it('every compression and aggregation survives the wire', () => {
  const recipes: Recipe[] = [
    { ...recipe, compression: { type: 'sparse', keepPpm: 30_000, decayPpm: 950_000 } },
    { ...recipe, aggregation: { type: 'trimmed-mean', trimPpm: 250_000 } },
    { ...recipe, aggregation: { type: 'centred-clipping', iterations: 3, radiusPpm: 1_000_000 } },
    { ...recipe, aggregation: { type: 'multi-krum', byzantinePpm: 300_000 } },
  ]
  for (const one of recipes) expect(decode(recipeCodec, encode(recipeCodec, one))).toEqual(one)
})

it('a unit has as many segments as its trace has leaves, at most 64', () => {
  expect(segmentsOf({ stepsPerUnit: 60, traceEvery: 20 })).toBe(3)
  expect(segmentsOf({ stepsPerUnit: 61, traceEvery: 20 })).toBe(4)
  expect(segmentsOf({ stepsPerUnit: 1, traceEvery: 9 })).toBe(1)
  const most = { ...recipe, stepsPerUnit: 640 }
  expect(segmentsOf(most)).toBe(MAX_SEGMENTS)
  expect(decode(recipeCodec, encode(recipeCodec, most))).toEqual(most)
})

it('a recipe that would run for ever, train on nothing or diverge by its betas is refused', () => {
  const bad: Recipe[] = [
    { ...recipe, batchSize: 0 },
    { ...recipe, stepsPerUnit: 0 },
    { ...recipe, stepsPerUnit: 1e9 },
    { ...recipe, traceEvery: 0 },
    { ...recipe, inner: { ...recipe.inner, beta1Ppm: 1_000_000 } },
    { ...recipe, inner: { ...recipe.inner, learningRatePpm: 0.5 } },
    { ...recipe, inner: { ...recipe.inner, floorPpm: 1_000_001 } },
    { ...recipe, inner: { ...recipe.inner, clipNormPpm: -1 } },
    { ...recipe, inner: { ...recipe.inner, warmUpSteps: 41 } },
    { ...recipe, stepsPerUnit: 3 },
    { ...recipe, outer: { ...recipe.outer, momentumPpm: 1_000_000 } },
    { ...recipe, stepsPerUnit: 641 },
    { ...recipe, compression: { type: 'sparse', keepPpm: 0, decayPpm: 0 } },
    { ...recipe, compression: { type: 'sparse', keepPpm: 200_001, decayPpm: 0 } },
    { ...recipe, compression: { type: 'sparse', keepPpm: 1, decayPpm: 1_000_001 } },
    { ...recipe, compression: { type: 'zip' as 'int8' } },
    { ...recipe, aggregation: { type: 'trimmed-mean', trimPpm: 500_000 } },
    { ...recipe, aggregation: { type: 'centred-clipping', iterations: 0, radiusPpm: 1 } },
    { ...recipe, aggregation: { type: 'centred-clipping', iterations: 11, radiusPpm: 1 } },
    { ...recipe, aggregation: { type: 'centred-clipping', iterations: 1, radiusPpm: 0 } },
    { ...recipe, aggregation: { type: 'multi-krum', byzantinePpm: 500_000 } },
  ]
  for (const wrong of bad) expect(() => encode(recipeCodec, wrong)).toThrow(refused)
})

it('a warm-up longer than its unit is refused from a stranger too', () => {
  const encoded = encode(recipeCodec, { ...recipe, stepsPerUnit: 16, inner: { ...recipe.inner, warmUpSteps: 16 } })
  expect(decode(recipeCodec, encoded).inner.warmUpSteps).toBe(16)
  // 16 is one byte; so is 15.
  const at = encoded.lastIndexOf(16)
  const key = new TextDecoder().decode(encoded.subarray(at - 12, at))
  expect(key).toBe('stepsPerUnit')
  expect(() => decode(recipeCodec, encoded.with(at, 15))).toThrow(refused)
})

it('an evaluation carries its loss as 32 bits', () => {
  const evaluation = { correct: 970, total: 1000, lossBits: 0x3dcccccd }
  expect(decode(evaluationCodec, encode(evaluationCodec, evaluation))).toEqual(evaluation)
  expect(() => encode(evaluationCodec, { ...evaluation, lossBits: 0.1 })).toThrow(refused)
  expect(() => encode(evaluationCodec, { ...evaluation, lossBits: 2 ** 32 })).toThrow(refused)
})
