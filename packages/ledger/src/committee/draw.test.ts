import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { digestOf, person } from '../../test/world.ts'
import { compareKeys } from '../state/sortedTable.ts'
import { type CommitteeCandidate, chooseMembers } from './draw.ts'

const people = Array.from({ length: 12 }, (_, i) => person(`staker ${i}`)).sort((a, b) =>
  compareKeys(a.address, b.address),
)

function candidate(index: number, change: Partial<CommitteeCandidate> = {}): CommitteeCandidate {
  const { address, publicKey } = people[index]!
  return { address, publicKey, power: 5, chance: 5, rests: false, ...change }
}

const some = fc
  .array(fc.record({ power: fc.nat(1000), chance: fc.nat(1000), rests: fc.boolean() }), { maxLength: 12 })
  .map(fields => fields.map((change, i) => candidate(i, change)))

describe('chooseMembers', () => {
  it('gives seats to all who may vote when there are enough seats, else to that many, each once, in order', () => {
    fc.assert(
      fc.property(some, fc.integer({ min: 1, max: 8 }), fc.string(), (candidates, size, beacon) => {
        const able = candidates.filter(({ power }) => power > 0)
        const members = chooseMembers(candidates, size, digestOf(beacon))
        expect(members.length).toBe(Math.min(size, able.length))
        const byAddress = new Map(able.map(({ address, publicKey, power }) => [address, { address, publicKey, power }]))
        expect(members.map(({ address }) => byAddress.get(address))).toEqual(members)
        expect(members).toEqual([...byAddress.values()].filter(one => members.some(m => m.address === one.address)))
      }),
    )
  })

  it('lets who rests have only the seats that others leave over', () => {
    fc.assert(
      fc.property(some, fc.integer({ min: 1, max: 8 }), fc.string(), (candidates, size, beacon) => {
        const able = candidates.filter(({ power }) => power > 0)
        const isMember = new Set(chooseMembers(candidates, size, digestOf(beacon)).map(({ address }) => address))
        const anyRests = able.some(({ rests, address }) => rests && isMember.has(address))
        const awakeLeftOut = able.some(({ rests, address }) => !rests && !isMember.has(address))
        expect(anyRests && awakeLeftOut).toBe(false)
      }),
    )
  })

  it('moves nobody else when somebody loses the right to vote, or loses it by resting: the next in order follows', () => {
    fc.assert(
      fc.property(fc.nat(11), fc.string(), fc.boolean(), (who, beacon, byResting) => {
        const candidates = people.map((_, i) => candidate(i, { chance: i + 1 }))
        const before = chooseMembers(candidates, 4, digestOf(beacon))
        const changed = candidate(who, { chance: who + 1, ...(byResting ? { rests: true } : { power: 0 }) })
        const after = chooseMembers(candidates.with(who, changed), 4, digestOf(beacon))
        const others = before.filter(({ address }) => address !== people[who]!.address)
        for (const member of others) expect(after).toContainEqual(member)
        expect(after.map(({ address }) => address)).not.toContain(people[who]!.address)
      }),
    )
  })

  it('is the same whatever powers and newcomers a last block brings, as long as there are others to fill the seats', () => {
    const addressesOf = (candidates: CommitteeCandidate[]) =>
      chooseMembers(candidates, 4, digestOf('beacon')).map(({ address }) => address)
    const fixed = Array.from({ length: 8 }, (_, i) => candidate(i))
    const late = [9, 10, 11].map(i => candidate(i, { power: 1_000_000, chance: 0 }))
    const richer = fixed.map(one => ({ ...one, power: 77 }))
    expect(addressesOf([...richer, ...late])).toEqual(addressesOf(fixed))
  })

  it('draws each as often as its chance says', () => {
    const candidates = people.map((_, i) => candidate(i, { chance: i === 0 ? 11 : 1 }))
    let first = 0
    for (let i = 0; i < 1000; i++) {
      const [member] = chooseMembers(candidates, 1, digestOf(`beacon ${i}`))
      if (member!.address === people[0]!.address) first++
    }
    expect(first / 1000).toBeCloseTo(0.5, 1)
  })
})
