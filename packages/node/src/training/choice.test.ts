import { ZERO_HASH } from '@hydraai/core'
import type { OpenWork } from '@hydraai/ledger'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chooseWork } from './choice.ts'

const open = (model: string, openedAt: number, unit: number | null = 0): OpenWork => ({
  model,
  round: 1,
  beacon: ZERO_HASH,
  base: ZERO_HASH,
  residual: null,
  openedAt,
  sureUntil: openedAt + 4,
  until: openedAt + 20,
  unit,
  reason: unit === null ? 'limit' : null,
})
const any = { only: null, canTake: () => true }
const choose = (work: OpenWork[], options = {}) => chooseWork(work, { ...any, ...options })?.model ?? null

describe('what a trainer takes on next', () => {
  test('is the work of the round that opened first, by name when two opened together', () => {
    expect(choose([open('b', 7), open('a', 9), open('c', 5)])).toBe('c')
    expect(choose([open('b', 5), open('a', 5)])).toBe('a')
    expect(choose([])).toBe(null)
  })

  test('is of the round with the fewest of our units: rounds wait for the first of everyone, and no model falls behind', () => {
    expect(choose([open('a', 1, 1), open('b', 9)])).toBe('b')
    expect(choose([open('a', 1, 1), open('b', 9, 2)])).toBe('a')
    expect(choose([open('a', 1, 2), open('b', 9, 1)])).toBe('b')
    expect(choose([open('a', 9, 1), open('b', 1, 1)])).toBe('b')
  })

  test('is never a unit that the ledger would not take, that cannot be taken now, or of another model than the one', () => {
    expect(choose([open('a', 1, null), open('b', 2)])).toBe('b')
    expect(choose([open('a', 1), open('b', 2)], { canTake: ({ model }: OpenWork) => model !== 'a' })).toBe('b')
    expect(choose([open('a', 1), open('b', 2)], { only: 'b' })).toBe('b')
    expect(choose([open('a', 1)], { only: 'gone' })).toBe(null)
  })

  test('does not depend on the order in which the work is named', () => {
    const work = fc.uniqueArray(
      fc.record({ model: fc.constantFrom('a', 'b', 'c', 'd'), openedAt: fc.nat(3), unit: fc.option(fc.nat(2)) }),
      { selector: ({ model }) => model },
    )
    fc.assert(
      fc.property(work, fc.infiniteStream(fc.nat()), (offers, random) => {
        const list = offers.map(({ model, openedAt, unit }) => open(model, openedAt, unit))
        const shuffled = list
          .map(one => [random.next().value as number, one] as const)
          .sort(([a], [b]) => a - b)
          .map(([, one]) => one)
        expect(choose(shuffled)).toBe(choose(list))
      }),
    )
  })

  test('goes from model to model', () => {
    let work = ['a', 'b', 'c'].map((model, i) => open(model, i))
    const order: string[] = []
    for (let i = 0; i < 6; i++) {
      const model = choose(work)!
      order.push(model)
      work = work.map(one => (one.model === model ? { ...one, unit: one.unit! + 1 } : one))
    }
    expect(order).toEqual(['a', 'b', 'c', 'a', 'b', 'c'])
  })
})
