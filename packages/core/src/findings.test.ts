import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Hash } from './brand.ts'
import { decode, decodeSlowly, encode, encodeSlowly } from './codec/codec.ts'
import {
  equalLightFindings,
  type Findings,
  findingsCodec,
  isSuspicious,
  LIGHT_FAULTS,
  lightFindingsCodec,
} from './findings.ts'
import { float32Bits } from './float.ts'
import { MAX_SEGMENTS } from './recipe.ts'

const key = 'ab'.repeat(32) as Hash
const refused = expect.objectContaining({ code: 'CODEC_INVALID' })
const loss = fc.float({ noNaN: true, noDefaultInfinity: true }).map(float32Bits)
const replays = fc
  .record({
    segments: fc.integer({ min: 1, max: MAX_SEGMENTS }),
    kind: fc.constantFrom('none', 'seal', 'trace'),
    at: fc.nat(),
  })
  .map(({ segments, kind, at }) => {
    const segment = at % segments
    const keys = Array<Hash>(kind === 'trace' ? segment : segments).fill(key)
    if (kind === 'trace') return { segments, keys, mismatch: { type: 'trace' as const, segment } }
    return { segments, keys, mismatch: kind === 'seal' ? { type: 'seal' as const } : null }
  })
const findings: fc.Arbitrary<Findings> = fc.oneof(
  fc.constantFrom(...LIGHT_FAULTS).map(fault => {
    return { fault, lossBefore: 0, lossAfter: 0, freshBefore: 0, freshAfter: 0, replay: null }
  }),
  fc.record({
    fault: fc.constant(null),
    lossBefore: loss,
    lossAfter: loss,
    freshBefore: loss,
    freshAfter: loss,
    replay: fc.option(replays),
  }),
)

const sound: Findings = {
  fault: null,
  lossBefore: 4,
  lossAfter: 3,
  freshBefore: 5,
  freshAfter: 1,
  replay: { segments: 2, keys: [key, key], mismatch: null },
}
const none = { lossBefore: 0, lossAfter: 0, freshBefore: 0, freshAfter: 0, replay: null }
const replay = (changed: object): Findings => ({ ...sound, replay: { ...sound.replay!, ...changed } })

describe('findings', () => {
  it('survive the wire, by the fast way and the slow one', () => {
    fc.assert(
      fc.property(findings, value => {
        const bytes = encode(findingsCodec, value)
        expect(bytes).toEqual(Uint8Array.from(encodeSlowly(findingsCodec, value)))
        expect(decode(findingsCodec, bytes)).toEqual(value)
        expect(decodeSlowly(findingsCodec, bytes)).toEqual(value)
        const { replay: _, ...light } = value
        expect(decode(lightFindingsCodec, encode(lightFindingsCodec, light))).toEqual(light)
        expect(encode(lightFindingsCodec, value)).toEqual(encode(lightFindingsCodec, light))
      }),
    )
  })

  it.each<[string, Findings]>([
    ['losses with a fault', { ...sound, fault: 'trace', replay: null }],
    ['a replay with a fault', { ...none, fault: 'trace', replay: sound.replay }],
    ['a loss that is not finite', { ...sound, freshAfter: 0x7f800000 }],
    ['a loss of more than 32 bits', { ...sound, freshAfter: 2 ** 32 }],
    ['a replay of nothing', replay({ segments: 0, keys: [] })],
    ['a replay of too much', replay({ segments: MAX_SEGMENTS + 1, keys: Array(MAX_SEGMENTS + 1).fill(key) })],
    ['a key too few', replay({ keys: [key] })],
    ['a key too many', replay({ keys: [key, key, key] })],
    ['a key of what did not match', replay({ mismatch: { type: 'trace', segment: 1 } })],
    ['a mismatch beyond the replay', replay({ mismatch: { type: 'trace', segment: 2 } })],
    ['a mismatch of another kind', replay({ mismatch: { type: 'key' } })],
    ['a fault of another kind', { ...none, fault: 'ugly' as 'trace' }],
  ])('are refused when they contradict themselves: %s', (_, wrong) => {
    expect(() => encode(findingsCodec, wrong)).toThrow(refused)
  })

  it('from a stranger are refused for the same', () => {
    const bytes = encode(findingsCodec, sound)
    // Two segments were replayed; of three, a key would be missing.
    const at = bytes.lastIndexOf(2)
    expect(new TextDecoder().decode(bytes.subarray(at - 8, at))).toBe('segments')
    expect(() => decode(findingsCodec, bytes.with(at, 3))).toThrow(refused)
  })

  it('are the same light findings only when every bit is', () => {
    const other: Findings = { ...sound, replay: null }
    expect(equalLightFindings(sound, other)).toBe(true)
    for (const name of ['lossBefore', 'lossAfter', 'freshBefore', 'freshAfter'] as const) {
      expect(equalLightFindings(sound, { ...sound, [name]: sound[name] + 1 })).toBe(false)
    }
    expect(equalLightFindings({ ...none, fault: 'trace' }, { ...none, fault: 'not-finite' })).toBe(false)
  })

  it('are suspicious when the loss on fresh data is four times the usual, and only then', () => {
    const suspicious = (before: number, after: number, heldOut = 0): boolean => {
      const found = { ...sound, freshBefore: float32Bits(before), freshAfter: float32Bits(after) }
      return isSuspicious(found, float32Bits(heldOut))
    }
    for (const before of [0.001, 1, 7, 1e6]) {
      expect(suspicious(before, before)).toBe(false)
      expect(suspicious(before, before * 0.1)).toBe(false)
      expect(suspicious(before, before * 3.9)).toBe(false)
      expect(suspicious(before, before * 4.1)).toBe(true)
    }
    expect(suspicious(1, 4)).toBe(false)
    expect(suspicious(1, 4.001)).toBe(true)
    expect(suspicious(-0, 1)).toBe(true)
    expect(suspicious(1, -1)).toBe(false)
    expect(isSuspicious({ ...none, fault: 'trace' }, 0)).toBe(false)
  })

  it('are not suspicious where the base only fits its fresh samples better than data it never saw', () => {
    const found = { ...sound, freshBefore: float32Bits(0.0001), freshAfter: float32Bits(0.3) }
    expect(isSuspicious(found, float32Bits(0.1))).toBe(false)
    expect(isSuspicious({ ...found, freshAfter: float32Bits(0.5) }, float32Bits(0.1))).toBe(true)
  })
})
