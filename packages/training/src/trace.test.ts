import { contentIdOf, equalBytes } from '@hydraai/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeState, encodeState, segmentKeyOf, stateHashesOf, stateSizeOf, type UnitState } from './trace.ts'

const floats = (length: number) => {
  return fc.float32Array({ minLength: length, maxLength: length, noNaN: true, noDefaultInfinity: true })
}
const states: fc.Arbitrary<UnitState> = fc.nat(20).chain(count => {
  return fc.record({ step: fc.nat(100_000), parameters: floats(count), moments: floats(2 * count) })
})
const state: UnitState = { step: 3, parameters: Float32Array.of(1, -2), moments: Float32Array.of(3, 4, 5, 6) }

describe('the state of a unit on its way', () => {
  test('survives its bytes, wherever they lie', () => {
    fc.assert(
      fc.property(states, fc.nat(3), (value, offset) => {
        const bytes = encodeState(value)
        expect(bytes.length).toBe(stateSizeOf(value.parameters.length))
        const moved = new Uint8Array(bytes.length + offset)
        moved.set(bytes, offset)
        expect(decodeState(moved.subarray(offset), value.parameters.length, value.step)).toEqual(value)
      }),
    )
  })

  test('has the documented bytes', () => {
    const bytes = encodeState({ step: 258, parameters: Float32Array.of(1), moments: Float32Array.of(-2, 0.5) })
    expect([...bytes]).toEqual([
      ...[0x48, 0x53, 0x54, 0x31, 2, 1, 0, 0, 1, 0, 0, 0],
      ...[0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 0, 0, 0, 0x3f],
    ])
  })

  test('is read as nothing else: another step, another size, another format, numbers that are none', () => {
    const bytes = encodeState(state)
    expect(decodeState(bytes, 2, 3)).toEqual(state)
    expect(decodeState(bytes, 2, 4)).toBe(null)
    expect(decodeState(bytes, 1, 3)).toBe(null)
    expect(decodeState(bytes.subarray(0, -1), 2, 3)).toBe(null)
    expect(decodeState(new Uint8Array(), 2, 3)).toBe(null)
    expect(decodeState(bytes.with(0, 0), 2, 3)).toBe(null)
    expect(decodeState(bytes.with(8, 3), 2, 3)).toBe(null)
    expect(decodeState(bytes.with(15, 0x7f).with(14, 0xff), 2, 3)).toBe(null)
  })

  test('that is not finite has no bytes', () => {
    const refused = expect.objectContaining({ code: 'NON_FINITE' })
    expect(() => encodeState({ ...state, parameters: Float32Array.of(1, Number.NaN) })).toThrow(refused)
    expect(() => encodeState({ ...state, moments: Float32Array.of(3, 4, 5, Infinity) })).toThrow(refused)
  })

  test('is named by its content, and its key is another hash of all of it', () => {
    fc.assert(
      fc.property(states, fc.nat(), fc.integer({ min: 1, max: 255 }), (value, where, change) => {
        const bytes = encodeState(value)
        const { leaf, key } = stateHashesOf(bytes)
        expect(leaf).toBe(contentIdOf(bytes))
        expect(segmentKeyOf(bytes)).toBe(key)
        const at = where % bytes.length
        const changed = bytes.with(at, bytes[at]! ^ change)
        expect(equalBytes(changed, bytes)).toBe(false)
        expect(new Set([leaf, key, contentIdOf(changed), segmentKeyOf(changed)]).size).toBe(4)
      }),
    )
  })
})
