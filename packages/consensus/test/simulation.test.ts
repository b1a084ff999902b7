import type { KeyPair } from '@hydraai/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { committeeOf, keysOf } from './fixtures.ts'
import { Simulation } from './simulation.ts'

const keys = keysOf(7)

function simulate(seed: number, members: readonly KeyPair[], powers: number[], byzantine: number[]): Simulation {
  return new Simulation({ seed, keys: members, committee: committeeOf(members, powers), byzantine })
}

function ones(count: number): number[] {
  return Array(count).fill(1)
}

const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 })

describe('less than a third of the power is Byzantine: safe in any weather, and live once it clears', () => {
  const networks: [string, number[], number[]][] = [
    ['4 validators, all honest', ones(4), []],
    ['4 validators, 1 Byzantine', ones(4), [1]],
    ['4 validators of unequal power, the strongest Byzantine', [4, 3, 3, 3], [0]],
    ['7 validators, 2 Byzantine', ones(7), [2, 5]],
    ['5 validators, one that all depend on', [6, 1, 1, 1, 1], [1, 2]],
  ]
  for (const [name, powers, byzantine] of networks) {
    test(name, () => {
      fc.assert(
        fc.property(seeds, fc.integer({ min: 0, max: 600 }), (seed, events) => {
          const network = simulate(seed, keys.slice(0, powers.length), powers, byzantine)
          for (let i = 0; i < events; i++) network.disturb()
          network.heal(5 * powers.length)
          expect(new Set(network.decisions).size).toBe(1)
          expect(network.decisions).toHaveLength(network.honest.length)
        }),
        { numRuns: 80 },
      )
    })
  }
})

describe('exactly a third is Byzantine: still safe, which a quorum of two thirds or more would not be', () => {
  for (const [count, byzantine] of [
    [3, [0]],
    [6, [1, 4]],
  ] as const) {
    test(`${count} validators, ${byzantine.length} Byzantine`, () => {
      fc.assert(
        fc.property(seeds, seed => {
          const network = simulate(seed, keys.slice(0, count), ones(count), [...byzantine])
          for (let i = 0; i < 400; i++) network.disturb()
          expect(new Set(network.decisions).size).toBeLessThanOrEqual(1)
        }),
        { numRuns: 80 },
      )
    })
  }
})

test('one seed, one history', () => {
  const histories = [0, 1].map(() => {
    const network = simulate(42, keys, ones(7), [2, 5])
    for (let i = 0; i < 500; i++) network.disturb()
    return JSON.stringify([network.log, network.honest])
  })
  expect(histories[0]).toBe(histories[1])
})

test('a network without faults decides in its first round', () => {
  const network = simulate(1, keys, ones(7), [])
  network.heal(1)
  for (const { state } of network.honest) expect(state.decision).toMatchObject({ round: 0 })
})
