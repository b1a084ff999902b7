import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Hash } from './brand.ts'
import { utf8 } from './bytes.ts'
import { hashOf, ZERO_HASH } from './hash.ts'
import { CounterRandom } from './random.ts'

const invalid = expect.objectContaining({ code: 'RANGE_INVALID' })

describe('CounterRandom', () => {
  it('draws the words that another implementation computed, across the border of a block', () => {
    const random = new CounterRandom(hashOf(utf8('seed')))
    expect(Array.from({ length: 10 }, () => random.uint32())).toEqual([
      1234977870, 1555408757, 1538085156, 1864084417, 1495802924, 4083393488, 2683027549, 4169362366, 150569773,
      195192559,
    ])
  })

  it('stays below its bound and repeats for the same seed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 32 - 1 }), fc.bigInt({ min: 1n, max: 1n << 128n }), (n, big) => {
        const [a, b] = [new CounterRandom(ZERO_HASH), new CounterRandom(ZERO_HASH)]
        const draw = a.below(n)
        const bigDraw = a.belowBig(big)
        expect(draw >= 0 && draw < n).toBe(true)
        expect(bigDraw >= 0n && bigDraw < big).toBe(true)
        expect([b.below(n), b.belowBig(big)]).toEqual([draw, bigDraw])
      }),
    )
  })

  it('favours no remainder, not even for a bound where taking the remainder alone would favour a third', () => {
    // Below 3 * 2^30 the plain remainder gives the lowest third twice as often as the others.
    const random = new CounterRandom(ZERO_HASH)
    const thirds = [0, 0, 0]
    for (let i = 0; i < 3000; i++) thirds[Math.floor(random.below(3 * 2 ** 30) / 2 ** 30)]!++
    for (const count of thirds) expect(Math.abs(count - 1000)).toBeLessThan(130)
  })

  it('draws the whole range below 2^32 and refuses bounds outside', () => {
    const [a, b] = [new CounterRandom(ZERO_HASH), new CounterRandom(ZERO_HASH)]
    expect(a.below(2 ** 32)).toBe(b.uint32())
    for (const n of [0, -1, 1.5, Number.NaN, 2 ** 32 + 1]) expect(() => a.below(n)).toThrow(invalid)
    expect(() => a.belowBig(0n)).toThrow(invalid)
    expect(() => a.belowBig((1n << 128n) + 1n)).toThrow(invalid)
  })

  it('needs a hash as its seed', () => {
    expect(() => new CounterRandom('abc' as Hash)).toThrow(invalid)
    expect(() => new CounterRandom('' as Hash)).toThrow(invalid)
  })
})
