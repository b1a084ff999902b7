import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { splitByHash, splitKeyOf } from './split.ts'

const keys = fc.array(fc.oneof(fc.nat({ max: 0xffff_ffff }), fc.nat({ max: 5 })), { maxLength: 60 })

describe('the split', () => {
  test('has every sample once, something held out but less than half, and no key on both sides', () => {
    fc.assert(
      fc.property(keys, all => {
        let split: ReturnType<typeof splitByHash>
        try {
          split = splitByHash(all)
        } catch (error) {
          expect(error).toMatchObject({ code: 'DATA_TOO_FEW' })
          // Only where every key is half of all samples or more.
          const largest = new Map<number, number>()
          for (const key of all) largest.set(key, (largest.get(key) ?? 0) + 1)
          expect([...largest.values()].every(count => 2 * count >= all.length)).toBe(true)
          return
        }
        const { train, heldOut } = split
        expect([...train, ...heldOut].sort((a, b) => a - b)).toEqual(all.map((_, i) => i))
        expect(heldOut.length).toBeGreaterThan(0)
        expect(heldOut.length * 2).toBeLessThan(all.length)
        const judged = new Set(heldOut.map(i => all[i]))
        expect(train.filter(i => judged.has(all[i]))).toEqual([])
      }),
    )
  })

  test('holds out about a tenth', () => {
    const { heldOut } = splitByHash(Array.from({ length: 5000 }, (_, i) => splitKeyOf(`sample ${i}`)))
    expect(heldOut.length).toBeGreaterThan(400)
    expect(heldOut.length).toBeLessThan(600)
  })

  test('holds out no more than it is told, beginning with the lowest keys', () => {
    const all = Array.from({ length: 5000 }, (_, i) => splitKeyOf(`sample ${i}`))
    const { heldOut } = splitByHash(all, 100)
    const lowest = [...all].sort((a, b) => a - b)[99]!
    expect(heldOut).toEqual(all.flatMap((key, i) => (key <= lowest ? [i] : [])))
  })

  test('puts a sample on the side on which it was among others', () => {
    const all = Array.from({ length: 500 }, (_, i) => splitKeyOf(`sample ${i}`))
    const before = new Set(splitByHash(all.slice(0, 300)).heldOut)
    const after = splitByHash(all).heldOut.filter(i => i < 300)
    expect(after).toEqual([...before])
  })
})
