import { HydraError } from '@hydraai/core'
import { expect, test } from 'vitest'
import { Computations } from './computations.ts'

const failing = (code: string, count: { calls: number }) => () => {
  count.calls++
  return Promise.reject(new HydraError(code, 'no'))
}

test('what two ask for is computed once, and its result is there when it is done', async () => {
  const computations = new Computations<number>(4)
  let calls = 0
  const compute = async () => ++calls
  expect(computations.result('a')).toBeNull()
  expect(await Promise.all([computations.of('a', compute), computations.of('a', compute)])).toEqual([1, 1])
  expect(computations.result('a')).toBe(1)
  expect(await computations.of('b', compute)).toBe(2)
})

test('what was missing is looked for again; what is wrong in itself is not computed again', async () => {
  const computations = new Computations<number>(4)
  const [passing, lasting] = [{ calls: 0 }, { calls: 0 }]
  for (let i = 0; i < 3; i++) {
    await computations.of('a', failing('CONTENT_UNAVAILABLE', passing)).catch(() => {})
    await computations.of('b', failing('NON_FINITE', lasting)).catch(() => {})
  }
  expect([passing.calls, lasting.calls]).toEqual([3, 1])
  expect(await computations.of('a', async () => 5)).toBe(5)
})

test('only so many are kept', async () => {
  const computations = new Computations<number>(2)
  for (const [i, key] of ['a', 'b', 'c'].entries()) await computations.of(key, async () => i)
  expect([computations.result('a'), computations.result('b'), computations.result('c')]).toEqual([null, 1, 2])
})
