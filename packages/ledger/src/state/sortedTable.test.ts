import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { withWrites } from './sortedTable.ts'

const key = fc.string({ minLength: 1, maxLength: 3, unit: fc.constantFrom('a', 'B', '0', '-', ' ') })
const writes = fc.array(fc.tuple(key, fc.nat()))

describe('withWrites', () => {
  it('iterates in order of keys whatever the order of the writes, and leaves the base alone', () => {
    fc.assert(
      fc.property(fc.array(writes, { maxLength: 5 }), rounds => {
        const model = new Map<string, number>()
        let table: ReadonlyMap<string, number> = new Map()
        for (const round of rounds) {
          const before = [...table]
          const next = withWrites(table, new Map(round))
          expect([...table]).toEqual(before)
          for (const [name, value] of round) model.set(name, value)
          table = next
        }
        expect([...table]).toEqual([...model].sort(([a], [b]) => (a < b ? -1 : 1)))
      }),
    )
  })

  it('takes away what is written as undefined, and only that', () => {
    const base = new Map([
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ])
    expect([...withWrites(base, new Map([['b', undefined]]))]).toEqual([
      ['a', 1],
      ['c', 3],
    ])
    const mixed = new Map([
      ['d', undefined],
      ['bb', 9],
      ['a', undefined],
      ['c', 4],
    ])
    expect([...withWrites(base, mixed)]).toEqual([
      ['b', 2],
      ['bb', 9],
      ['c', 4],
    ])
    expect(base.size).toBe(3)
  })

  it('gives the base itself when there is nothing to write, so that caches by identity hold', () => {
    const base = new Map([['a', 1]])
    expect(withWrites(base, new Map())).toBe(base)
  })
})
