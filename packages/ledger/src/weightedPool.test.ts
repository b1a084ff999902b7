import { CounterRandom, hashOf, utf8 } from '@hydraai/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { WeightedPool } from './weightedPool.ts'

const random = (label: string) => new CounterRandom(hashOf(utf8(label)))

/** The same draw, written down plainly. */
function plainly(weights: readonly number[], source: CounterRandom): number[] {
  const left = weights.map(BigInt)
  const order: number[] = []
  for (;;) {
    const total = left.reduce((sum, weight) => sum + weight, 0n)
    if (total === 0n) return order
    let point = source.belowBig(total)
    const index = left.findIndex(weight => {
      if (point < weight) return true
      point -= weight
      return false
    })
    order.push(index)
    left[index] = 0n
  }
}

describe('WeightedPool', () => {
  it('draws what walking along the weights would draw, and everything with a weight once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constant(0), fc.nat(2 ** 51)), { maxLength: 40 }),
        fc.string(),
        (weights, label) => {
          const order = [...new WeightedPool(weights).draw(random(label))]
          expect(order).toEqual(plainly(weights, random(label)))
          expect([...order].sort((a, b) => a - b)).toEqual(weights.flatMap((weight, i) => (weight > 0 ? [i] : [])))
        },
      ),
    )
  })

  it('is whole again after a draw that was broken off', () => {
    const pool = new WeightedPool([5, 3, 9, 1])
    const whole = [...pool.draw(random('a'))]
    for (const index of pool.draw(random('b'))) if (index === 2) break
    expect([...pool.draw(random('a'))]).toEqual(whole)
  })
})
