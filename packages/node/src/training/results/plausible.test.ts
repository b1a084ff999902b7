import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { keyPairFromSeed, ZERO_HASH } from '@hydraai/core'
import { createEngine } from '@hydraai/engine'
import { initialParameters, roundProbe, strataOf, tinyTask, trainUnit } from '@hydraai/training'
import { expect, test } from 'vitest'
import { normOfPayload } from '../../compute/norm.ts'
import { isPlausible } from './plausible.ts'

const wasm = readFileSync(fileURLToPath(import.meta.resolve('@hydraai/engine/engine.wasm')))
const { document, dataset, recipe } = tinyTask()
const { address: trainer } = keyPairFromSeed(new Uint8Array(32).fill(3))

test('a real unit is far within what its steps can come to, even one that begins at random parameters', () => {
  const engine = createEngine(wasm)
  const parameters = initialParameters(engine, document, ZERO_HASH)
  const id = { beacon: ZERO_HASH, model: 'tiny', round: 1, unit: 0, trainer }
  const model = engine.compile(document, recipe.batchSize)
  const probe = roundProbe({ ...id, recipe, strata: strataOf(dataset) })
  const { payload } = trainUnit({ id, model, dataset, parameters, recipe, residual: null, probe })
  const norm = normOfPayload(payload, recipe, parameters.length)!
  expect(norm).toBeGreaterThan(0)
  expect(isPlausible(10 * norm, recipe, parameters.length)).toBe(true)
  expect(isPlausible(1_000 * norm, recipe, parameters.length)).toBe(false)
})

test('nothing is within bounds that is no number', () => {
  for (const norm of [Number.NaN, Number.POSITIVE_INFINITY]) expect(isPlausible(norm, recipe, 100)).toBe(false)
  expect(normOfPayload(new Uint8Array(9), recipe, 100)).toBeNull()
})
