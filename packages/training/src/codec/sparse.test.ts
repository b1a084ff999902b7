import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeSparse, encodeSparse, keptOf, maxSparseBytes, SPARSE_TILE } from './sparse.ts'

const refused = expect.objectContaining({ code: 'UPDATE_INVALID' })
const counts = fc.integer({ min: 1, max: 2 * SPARSE_TILE + 40 })
const keeps = fc.oneof(fc.constantFrom(8_000, 31_250, 200_000), fc.integer({ min: 1, max: 200_000 }))
const scales = fc.constantFrom(1e-42, 1e-38, 1e-3, 1, 3e38)

/** A vector with `count` values of which a share is not zero, the same for the same seed. */
function vectorOf(count: number, seed: number, filled: number, scale: number): Float32Array {
  let state = seed >>> 0
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  return Float32Array.from({ length: count }, () => (next() < filled ? scale * (2 * next() - 1) ** 3 : 0))
}

const vectors = fc
  .tuple(counts, fc.integer(), fc.constantFrom(0, 0.001, 0.02, 1), scales)
  .map(([count, seed, filled, scale]) => vectorOf(count, seed, filled, scale))

describe('a sparse update', () => {
  test('holds the largest of each tile by their signs, in two magnitudes, and nothing else', () => {
    fc.assert(
      fc.property(vectors, keeps, (values, keepPpm) => {
        const decoded = decodeSparse(encodeSparse(values, keepPpm), values.length, keepPpm)
        for (let start = 0; start < values.length; start += SPARSE_TILE) {
          const tile = values.subarray(start, start + SPARSE_TILE)
          const sent = decoded.subarray(start, start + SPARSE_TILE)
          const places = [...sent.keys()].filter(place => sent[place] !== 0)
          expect(places.length).toBeLessThanOrEqual(keptOf(tile.length, keepPpm))
          expect(new Set(places.map(place => Math.abs(sent[place]!))).size).toBeLessThanOrEqual(2)
          expect(places.every(place => Math.sign(sent[place]!) === Math.sign(tile[place]!))).toBe(true)
          const least = places.reduce((low, place) => Math.min(low, Math.abs(tile[place]!)), Number.POSITIVE_INFINITY)
          const larger = tile.filter((value, place) => sent[place] === 0 && Math.abs(value) > least)
          expect(larger.length).toBe(0)
        }
      }),
      { numRuns: 60 },
    )
  })

  test('is written in one way only: every encoding that is read is the one that would be written', () => {
    // Noise, and encodings with a few bits turned over.
    const noise = fc.tuple(fc.integer({ min: 1, max: 70 }), fc.uint8Array({ maxLength: 14 }), keeps)
    let read = 0
    fc.assert(
      fc.property(noise, ([count, body, keepPpm]) => {
        read += isCanonical(body, count, keepPpm)
      }),
      { numRuns: 5_000 },
    )
    const turned = fc.tuple(vectors, keeps, fc.array(fc.nat(), { maxLength: 2 }))
    fc.assert(
      fc.property(turned, ([values, keepPpm, bits]) => {
        const body = encodeSparse(values, keepPpm)
        for (const bit of bits) body[(bit >>> 3) % body.length]! ^= 1 << (bit & 7)
        read += isCanonical(body, values.length, keepPpm)
      }),
      { numRuns: 200 },
    )
    // Otherwise nothing was shown.
    expect(read).toBeGreaterThan(100)
  })

  /** 1 if `body` is read. */
  function isCanonical(body: Uint8Array, count: number, keepPpm: number): number {
    let decoded: Float32Array
    try {
      decoded = decodeSparse(body, count, keepPpm)
    } catch (error) {
      expect(error).toEqual(refused)
      return 0
    }
    expect(decoded.every(value => Number.isFinite(value) && !Object.is(value, -0))).toBe(true)
    expect(encodeSparse(decoded, keepPpm)).toEqual(body)
    return 1
  }

  test('is never longer than announced, not even where its values lie as badly as they can', () => {
    fc.assert(
      fc.property(vectors, keeps, (values, keepPpm) => {
        expect(encodeSparse(values, keepPpm).length).toBeLessThanOrEqual(maxSparseBytes(values.length, keepPpm))
      }),
      { numRuns: 60 },
    )
    const last = Float32Array.from({ length: SPARSE_TILE }, (_, i) => (i >= SPARSE_TILE - 128 ? 1 + i : 0))
    expect(encodeSparse(last, 31_250).length).toBeLessThanOrEqual(maxSparseBytes(last.length, 31_250))
  })

  test('of three values in a hundred takes less than 0.3 bits a parameter, of one less than 0.12', () => {
    const values = vectorOf(64 * SPARSE_TILE, 1, 1, 1)
    expect((8 * encodeSparse(values, 31_250).length) / values.length).toBeLessThan(0.3)
    expect((8 * encodeSparse(values, 10_000).length) / values.length).toBeLessThan(0.12)
  })

  test('has the documented bits', () => {
    // Two of eight values: full, low 1, high 2; the parameter for 2 of 8 is 1.
    const values = Float32Array.of(0, 0, 0, 2, 0, 0, -1, 0)
    const bits = [...encodeSparse(values, 200_000)].map(byte => byte.toString(2).padStart(8, '0')).join('')
    const magnitudes = '0011111110000000' + '0100000000000000'
    expect(keptOf(8, 200_000)).toBe(2)
    expect(bits).toBe(`1${magnitudes}${'10' + '1'}${'10' + '0'}${'01' + '10'}`.padEnd(48, '0'))
    expect([...decodeSparse(encodeSparse(values, 200_000), 8, 200_000)]).toEqual([...values])
  })

  test('of zeros is a bit or a few a tile', () => {
    expect([...encodeSparse(new Float32Array(100), 10_000)]).toEqual([0])
    expect([...decodeSparse(Uint8Array.of(0), 100, 10_000)]).toEqual(new Array(100).fill(0))
  })

  test('of equal values takes the first', () => {
    const decoded = decodeSparse(encodeSparse(new Float32Array(100).fill(-0.5), 50_000), 100, 50_000)
    expect([...decoded.subarray(0, 6)]).toEqual([-0.5, -0.5, -0.5, -0.5, -0.5, 0])
  })

  test('is refused when it is cut short, goes on, fills up with ones or is much too long', () => {
    const values = vectorOf(500, 7, 1, 1)
    const body = encodeSparse(values, 20_000)
    const longer = new Uint8Array(body.length + 1)
    longer.set(body)
    const ended = encodeSparse(Float32Array.of(0, 0, 0, 2, 0, 0, -1, 0), 200_000)
    ended[ended.length - 1]! |= 1
    expect(() => decodeSparse(body.subarray(0, -1), 500, 20_000)).toThrow(refused)
    expect(() => decodeSparse(longer, 500, 20_000)).toThrow(refused)
    expect(() => decodeSparse(ended, 8, 200_000)).toThrow(refused)
    // Three of fifteen are all, and are not counted; what is counted are fewer.
    const counted = Uint8Array.of(0b01100000, 0, 0x7f, 0, 0, 0, 0)
    for (let size = 1; size <= 7; size++) {
      expect(() => decodeSparse(counted.subarray(0, size), 15, 200_000)).toThrow(refused)
    }
    expect(() => decodeSparse(new Uint8Array(1e6), 500, 20_000)).toThrow(refused)
    expect(() => decodeSparse(new Uint8Array(), 500, 20_000)).toThrow(refused)
  })

  test('is not made of values that are not finite', () => {
    const nonFinite = expect.objectContaining({ code: 'NON_FINITE' })
    expect(() => encodeSparse(Float32Array.of(Number.NaN), 10_000)).toThrow(nonFinite)
    expect(() => encodeSparse(Float32Array.of(Number.POSITIVE_INFINITY), 10_000)).toThrow(nonFinite)
  })
})
