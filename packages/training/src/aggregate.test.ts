import type { Recipe } from '@hydraai/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aggregate, clippedMean, type ModelState, normOf } from './aggregate.ts'
import { tinyTask } from './documents/tinyTask.ts'
import { encodeUpdate } from './updateCodec.ts'

const recipeWith = (learningRatePpm: number, momentumPpm: number): Recipe => {
  return { ...tinyTask().recipe, outer: { learningRatePpm, momentumPpm } }
}
const updateOf = (...values: number[]): Uint8Array => {
  return encodeUpdate(Float32Array.from(values), new Float32Array(values.length))
}

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

  test('clips what is longer than the median, so that one huge update cannot decide', () => {
    const mean = clippedMean([Float32Array.of(3, 4), Float32Array.of(0, 5), Float32Array.of(30_000, 40_000)])
    expect([...mean].map(value => Math.round(value * 1000) / 1000)).toEqual([2, 4.333])
    expect([...clippedMean([Float32Array.of(2), Float32Array.of(4)])]).toEqual([2.5])
  })

  test('never takes a mean longer than the median norm', () => {
    const update = fc.float32Array({ min: -1000, max: 1000, noNaN: true, minLength: 5, maxLength: 5 })
    fc.assert(
      fc.property(fc.array(update, { minLength: 1, maxLength: 7 }), updates => {
        const norms = updates.map(normOf).sort((a, b) => a - b)
        const high = norms[norms.length >> 1]!
        expect(normOf(clippedMean(updates))).toBeLessThanOrEqual(high * 1.00001 + 1e-30)
      }),
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
