import type { Address } from '@hydraai/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { digestOf, genesisOf, MODEL, person } from '../../test/world.ts'
import { genesisState } from '../genesis/genesisState.ts'
import { emptyAccount } from '../state/account.ts'
import { Draft } from '../state/draft.ts'
import { compareKeys, withWrites } from '../state/sortedTable.ts'
import type { Account } from '../state/types.ts'
import { WeightedPool } from '../weightedPool.ts'
import { drawVerifiers, type VerifierPool, verifierPool } from './draw.ts'

const people = Array.from({ length: 10 }, (_, i) => person(`candidate ${i}`).address).sort(compareKeys)
const refOf = (trainer: Address, unit = 0, round = 1) => ({ model: MODEL, round, trainer, unit })
const poolOf = (chances: readonly number[], weights: readonly number[] = chances): VerifierPool => ({
  candidates: chances.map((chance, i) => ({ address: people[i]!, weight: BigInt(weights[i]!), chance })),
  chances: new WeightedPool(chances),
})

describe('drawVerifiers', () => {
  it('takes everyone but the trainer while there are no more than wanted, else as many as wanted, each once', () => {
    const chances = fc.array(
      fc.nat(10 ** 15).map(chance => chance + 1),
      { maxLength: 10 },
    )
    fc.assert(
      fc.property(chances, fc.nat(9), fc.string(), fc.constantFrom(4, 5), (weights, trainer, beacon, count) => {
        const drawn = drawVerifiers(poolOf(weights), digestOf(beacon), refOf(people[trainer]!), count)
        const others = people.slice(0, weights.length).filter(address => address !== people[trainer])
        expect(drawn.length).toBe(Math.min(count, others.length))
        expect(new Set(drawn.map(one => one.address)).size).toBe(drawn.length)
        for (const { address } of drawn) expect(others).toContain(address)
      }),
    )
  })

  it('draws each as often as its chance says, and first as often too', () => {
    // The first has half of all chances, the nine others share the rest.
    const weighted = poolOf([9, 1, 1, 1, 1, 1, 1, 1, 1, 1])
    let [first, second, ahead] = [0, 0, 0]
    for (let unit = 0; unit < 2000; unit++) {
      const drawn = drawVerifiers(weighted, digestOf('beacon'), refOf(person('outside').address, unit), 4)
      if (drawn.some(one => one.address === people[0])) first++
      if (drawn.some(one => one.address === people[1])) second++
      if (drawn[0]!.address === people[0]) ahead++
    }
    // Without replacement: 1 - (9/18)(8/17)(7/16)(6/15) = 0.959 for the first, (4 - 0.959) / 9 = 0.338 for each other.
    expect(first / 2000).toBeCloseTo(0.959, 1)
    expect(second / 2000).toBeCloseTo(0.338, 1)
    expect(ahead / 2000).toBeCloseTo(0.5, 1)
  })

  it('depends on the beacon, the unit, the round and the trainer', () => {
    const all = poolOf(people.map(() => 5))
    const [t, u] = [person('t').address, person('u').address]
    const draws = [
      drawVerifiers(all, digestOf('1'), refOf(t), 4),
      drawVerifiers(all, digestOf('2'), refOf(t), 4),
      drawVerifiers(all, digestOf('1'), refOf(t, 1), 4),
      drawVerifiers(all, digestOf('1'), refOf(u), 4),
      drawVerifiers(all, digestOf('1'), refOf(t, 0, 2), 4),
    ]
    expect(new Set(draws.map(draw => JSON.stringify(draw.map(one => one.address)))).size).toBe(draws.length)
  })

  it('passes over who may not verify without moving anybody else, and takes who came lately only for places left over', () => {
    const chances = [3, 1, 4, 1, 5, 9, 2, 6]
    const drawnOf = (weights: readonly number[], some = chances) =>
      drawVerifiers(poolOf(some, weights), digestOf('beacon'), refOf(person('outside').address), 4).map(
        one => one.address,
      )
    const all = drawnOf(chances)
    const gone = chances.with(people.indexOf(all[0]!), 0)
    expect(drawnOf(gone).slice(0, 3)).toEqual(all.slice(1))
    expect(drawnOf([...chances, 7, 7], [...chances, 0, 0])).toEqual(all)
    const mostlyLate = drawnOf([1, 1, 1, 1, 1, 1], [1, 1, 0, 0, 0, 0])
    expect(mostlyLate.slice(0, 2).sort(compareKeys)).toEqual(people.slice(0, 2))
    expect(mostlyLate.slice(2)).toEqual(people.slice(2, 4))
  })
})

describe('verifierPool', () => {
  it('holds those staked enough, not slashed and lately active, and those who were when the epoch began', () => {
    const base = genesisState(genesisOf([person('founder')]))
    const staked: Account = { ...emptyAccount, stake: 2_000_000n, lastActive: 70, drawPower: 40 }
    const accounts = withWrites(
      new Map(),
      new Map([
        [people[0]!, staked],
        [people[1]!, { ...staked, stake: 999_999n, balance: 5_000_000n, drawPower: 0 }],
        [people[2]!, { ...staked, slashed: true }],
        [people[3]!, { ...staked, lastActive: 69 }],
        [people[4]!, { ...staked, stake: 5_000_000_000n, drawPower: 0 }],
      ]),
    )
    const draft = Draft.over({ ...base, accounts }, { ...base, height: 100 })
    const cap = base.parameters.verifierStakeCap
    expect(verifierPool(draft).candidates).toEqual([
      { address: people[0], weight: 2_000_000n, chance: 40 },
      { address: people[2], weight: 0n, chance: 40 },
      { address: people[3], weight: 0n, chance: 40 },
      { address: people[4], weight: cap, chance: 0 },
    ])
  })
})
