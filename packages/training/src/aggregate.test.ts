import { hashOf, type Recipe, segmentsOf, utf8 } from '@hydraai/core'
import { describe, expect, test } from 'vitest'
import { aggregate, type ModelState } from './aggregate.ts'
import { encodeBody } from './codec/body.ts'
import { tinyTask } from './documents/tinyTask.ts'
import { encodePayload } from './payload.ts'

const recipeWith = (learningRatePpm: number, momentumPpm: number): Recipe => {
  return { ...tinyTask().recipe, outer: { learningRatePpm, momentumPpm } }
}
const payloadOf = (recipe: Recipe, ...values: number[]): Uint8Array => {
  const leaves = Array.from({ length: segmentsOf(recipe) }, (_, i) => hashOf(utf8(`leaf ${i}`)))
  return encodePayload(recipe, leaves, encodeBody(recipe, Float32Array.from(values), null).body)
}
const updateOf = (...values: number[]): Uint8Array => payloadOf(tinyTask().recipe, ...values)

describe('aggregation', () => {
  test('with one update, rate 1 and no momentum takes the step of that update', () => {
    const state = { parameters: Float32Array.of(5, 5), momentum: Float32Array.of(0, 0) }
    const next = aggregate({ ...state, payloads: [updateOf(127, -127)], recipe: recipeWith(1_000_000, 0) })
    expect([...next.parameters]).toEqual([-122, 132])
    expect([...next.momentum]).toEqual([127, -127])
    expect([...state.parameters]).toEqual([5, 5])
  })

  test('is Nesterov momentum over rounds', () => {
    const recipe = recipeWith(500_000, 500_000)
    let state: ModelState = { parameters: Float32Array.of(0), momentum: Float32Array.of(0) }
    // m = 127, step = 127 + 63.5; then m = 63.5 + 127, step = 127 + 95.25.
    for (let round = 0; round < 2; round++) state = aggregate({ ...state, payloads: [updateOf(127)], recipe })
    expect([...state.momentum]).toEqual([190.5])
    expect([...state.parameters]).toEqual([-0.5 * (190.5 + 222.25)])
  })

  test('decompresses and combines as the recipe says', () => {
    const recipe: Recipe = {
      ...recipeWith(1_000_000, 0),
      compression: { type: 'sparse', keepPpm: 200_000, decayPpm: 0 },
      aggregation: { type: 'trimmed-mean', trimPpm: 340_000 },
    }
    const state = { parameters: new Float32Array(5), momentum: new Float32Array(5) }
    const payloads = [1, 64, 2].map(value => payloadOf(recipe, 0.5, value, 0, 0, 0))
    expect([...aggregate({ ...state, payloads, recipe }).parameters]).toEqual([0, -2, 0, 0, 0])
    const int8: Recipe = { ...recipe, compression: { type: 'int8' } }
    expect(() => aggregate({ ...state, payloads, recipe: int8 })).toThrow(
      expect.objectContaining({ code: 'UPDATE_INVALID' }),
    )
  })

  test('refuses no updates, other sizes and results that are not finite', () => {
    const state = { parameters: Float32Array.of(0), momentum: Float32Array.of(0) }
    const recipe = recipeWith(1_000_000, 0)
    const failing = (job: Partial<Parameters<typeof aggregate>[0]>) => () => {
      aggregate({ ...state, payloads: [updateOf(1)], recipe, ...job })
    }
    expect(failing({ payloads: [] })).toThrow(expect.objectContaining({ code: 'AGGREGATE_EMPTY' }))
    expect(failing({ payloads: [updateOf(1, 2)] })).toThrow(expect.objectContaining({ code: 'UPDATE_INVALID' }))
    expect(failing({ momentum: Float32Array.of(0, 0) })).toThrow(
      expect.objectContaining({ code: 'AGGREGATE_MISMATCH' }),
    )
    expect(failing({ payloads: [updateOf(1e38)], recipe: recipeWith(100_000_000, 0) })).toThrow(
      expect.objectContaining({ code: 'NON_FINITE' }),
    )
  })
})
