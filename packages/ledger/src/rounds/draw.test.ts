import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { digestOf, genesisOf, person, World } from '../../test/world.ts'
import { genesisState } from '../genesis/genesisState.ts'
import { emptyAccount } from '../state/account.ts'
import { Draft } from '../state/draft.ts'
import { compareKeys, withWrites } from '../state/sortedTable.ts'
import type { Account } from '../state/types.ts'
import { WeightedPool } from '../weightedPool.ts'
import { drawVerifiers, type VerifierPool, verifierPool } from './draw.ts'

const people = Array.from({ length: 10 }, (_, i) => person(`candidate ${i}`).address).sort(compareKeys)
const round = new World({ founders: 1 }).round
const poolOf = (chances: readonly number[], weights: readonly number[] = chances): VerifierPool => ({
  candidates: chances.map((chance, i) => ({ address: people[i]!, weight: BigInt(weights[i]!), chance })),
  chances: new WeightedPool(chances),
})

describe('drawVerifiers', () => {
  it('takes everyone but the trainer while there are at most four, else four of them, each once, in order', () => {
    const chances = fc.array(
      fc.nat(10 ** 15).map(chance => chance + 1),
      { maxLength: 10 },
    )
    fc.assert(
      fc.property(chances, fc.nat(9), fc.string(), (weights, trainer, beacon) => {
        const update = { trainer: people[trainer]!, unit: 0 }
        const drawn = drawVerifiers(poolOf(weights), digestOf(beacon), round, update).map(one => one.address)
        const others = people.slice(0, weights.length).filter(address => address !== people[trainer])
        expect(drawn.length).toBe(Math.min(4, others.length))
        expect(drawn).toEqual(others.filter(address => drawn.includes(address)))
      }),
    )
  })

  it('draws each as often as its chance says', () => {
    // The first has half of all chances, the nine others share the rest.
    const weighted = poolOf([9, 1, 1, 1, 1, 1, 1, 1, 1, 1])
    let first = 0
    let second = 0
    for (let unit = 0; unit < 2000; unit++) {
      const drawn = drawVerifiers(weighted, digestOf('beacon'), round, { trainer: person('outside').address, unit })
      if (drawn.some(one => one.address === people[0])) first++
      if (drawn.some(one => one.address === people[1])) second++
    }
    // Without replacement: 1 - (9/18)(8/17)(7/16)(6/15) = 0.959 for the first, (4 - 0.959) / 9 = 0.338 for each other.
    expect(first / 2000).toBeCloseTo(0.959, 1)
    expect(second / 2000).toBeCloseTo(0.338, 1)
  })

  it('depends on the beacon, the unit and the trainer', () => {
    const all = poolOf(people.map(() => 5))
    const draws = [
      drawVerifiers(all, digestOf('1'), round, { trainer: person('t').address, unit: 0 }),
      drawVerifiers(all, digestOf('2'), round, { trainer: person('t').address, unit: 0 }),
      drawVerifiers(all, digestOf('1'), round, { trainer: person('t').address, unit: 1 }),
      drawVerifiers(all, digestOf('1'), round, { trainer: person('u').address, unit: 0 }),
      drawVerifiers(all, digestOf('1'), { ...round, number: 2 }, { trainer: person('t').address, unit: 0 }),
    ]
    expect(new Set(draws.map(draw => JSON.stringify(draw.map(one => one.address)))).size).toBe(draws.length)
  })

  it('passes over who may not verify without moving anybody else, and takes who came lately only for places left over', () => {
    const chances = [3, 1, 4, 1, 5, 9, 2, 6]
    const update = { trainer: person('outside').address, unit: 0 }
    const drawnOf = (weights: readonly number[], some = chances) =>
      drawVerifiers(poolOf(some, weights), digestOf('beacon'), round, update).map(one => one.address)
    const all = drawnOf(chances)
    const gone = chances.with(people.indexOf(all[0]!), 0)
    const others = drawnOf(gone)
    expect(others).not.toContain(all[0])
    expect(others).toEqual(expect.arrayContaining(all.slice(1)))
    const late = drawnOf([...chances, 7, 7], [...chances, 0, 0])
    expect(late).toEqual(all)
    const mostlyLate = drawnOf([1, 1, 1, 1, 1, 1], [1, 1, 0, 0, 0, 0])
    expect(mostlyLate).toEqual(people.slice(0, 4))
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
