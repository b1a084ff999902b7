import { CHUNK_BYTES, type Hash, type Recipe, ZERO_HASH } from '@hydraai/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeBody } from './codec/body.ts'
import { tinyTask } from './documents/tinyTask.ts'
import { decodePayload, encodePayload, maxPayloadBytes, payloadLeaves } from './payload.ts'

const { recipe } = tinyTask()
const sparse: Recipe = { ...recipe, compression: { type: 'sparse', keepPpm: 100_000, decayPpm: 0 } }
const leaves = ['12'.repeat(32), 'ab'.repeat(32)] as Hash[]
const deltas = fc
  .integer({ min: 1, max: 300 })
  .chain(count => fc.float32Array({ minLength: count, maxLength: count, min: -1, max: 1, noNaN: true }))
const payloadOf = (by: Recipe, delta: Float32Array, of = leaves) =>
  encodePayload(by, of, encodeBody(by, delta, null).body)
const refused = expect.objectContaining({ code: 'UPDATE_INVALID' })

describe.each([recipe, sparse])('a payload of $compression.type', by => {
  test('carries the leaves and the update, in no more bytes than are allowed', () => {
    fc.assert(
      fc.property(deltas, delta => {
        const payload = payloadOf(by, delta)
        expect(payload.length).toBeLessThanOrEqual(maxPayloadBytes(by, delta.length))
        const read = decodePayload(payload, by, delta.length)
        expect(read.leaves).toEqual(leaves)
        expect(payloadLeaves(payload, by)).toEqual(leaves)
        expect(encodePayload(by, read.leaves, payload.subarray(9 + 64))).toEqual(payload)
        expect(read.delta.length).toBe(delta.length)
      }),
    )
  })

  test('is refused cut short, longer, with another head or for another model', () => {
    const payload = payloadOf(by, new Float32Array(40).fill(1))
    const other = by === recipe ? sparse : recipe
    for (let length = 0; length < payload.length; length++) {
      expect(() => decodePayload(payload.subarray(0, length), by, 40), `${length} bytes`).toThrow(refused)
    }
    expect(() => decodePayload(Uint8Array.from([...payload, 0]), by, 40)).toThrow(refused)
    for (const at of [0, 1, 2, 3, 4, 5, 6, 7, 72]) {
      expect(() => decodePayload(payload.with(at, payload[at]! ^ 4), by, 40), `byte ${at}`).toThrow(refused)
    }
    expect(() => decodePayload(payload, other, 40)).toThrow(refused)
    expect(() => decodePayload(payload, by, 5000)).toThrow(refused)
  })

  test('is refused with more or fewer leaves than segments, and with one that stands for no state', () => {
    const delta = new Float32Array(40).fill(1)
    for (const wrong of [[], leaves.slice(1), [...leaves, leaves[0]!], [leaves[0]!, ZERO_HASH]]) {
      const payload = payloadOf(by, delta, wrong)
      expect(() => decodePayload(payload, by, 40)).toThrow(refused)
      expect(() => payloadLeaves(payload, by)).toThrow(refused)
    }
  })

  test('of any bytes is read as what encodes to them, or refused', () => {
    const start = payloadOf(by, new Float32Array(40).fill(1))
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), bytes => {
        for (const input of [bytes, Uint8Array.from([...start.subarray(0, 73), ...bytes])]) {
          try {
            expect(decodePayload(input, by, 40).delta.every(Number.isFinite)).toBe(true)
          } catch (error) {
            expect(error).toEqual(refused)
          }
        }
      }),
    )
  })
})

test('a payload of a large model is a few chunks, not many times the update', () => {
  expect(maxPayloadBytes(recipe, 2_000_000)).toBeLessThan(9 * CHUNK_BYTES)
})
