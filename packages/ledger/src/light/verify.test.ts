import { decode, encode } from '@hydraai/core'
import { describe, expect, it } from 'vitest'
import {
  CHAIN_ID,
  chainOf,
  committeeOfPeople,
  firstTrust,
  lightBlock,
  membersOf,
  nowAt,
  OPTIONS,
  PEOPLE,
} from '../../test/lightChain.ts'
import { digestOf, TEST_PARAMETERS, World } from '../../test/world.ts'
import { DEFAULT_PARAMETERS } from '../genesis/parameters.ts'
import { type LightBlock, lightBlockCodec, trustBlock, trustedOf, trustGenesis } from './lightBlock.ts'
import { defaultTrustingPeriod, verifyAdjacent, verifySkipping } from './verify.ts'

const invalid = expect.objectContaining({ code: 'LIGHT_BLOCK_INVALID' })
const ours = committeeOfPeople([0, 1, 2, 3])
const theirs = committeeOfPeople([6, 7, 8, 9])
const trust = firstTrust(ours)
const NOW = nowAt(50)

describe('verifyAdjacent', () => {
  const [first, second] = chainOf([ours, theirs, ours]) as [LightBlock, LightBlock]

  it('believes the next block, though a wholly new committee comes after it', () => {
    const believed = verifyAdjacent(trust, first, NOW, OPTIONS)
    expect(believed).toEqual(trustedOf(first))
    expect(verifyAdjacent(believed, second, NOW, OPTIONS).height).toBe(2)
  })

  it('also after a trip over the wire', () => {
    const read = decode(lightBlockCodec, encode(lightBlockCodec, first))
    expect(read).toEqual(first)
    expect(verifyAdjacent(trust, read, NOW, OPTIONS)).toEqual(trustedOf(first))
  })

  it('refuses a block with any part forged', () => {
    const good = { height: 1, parent: trust.hash }
    const forged: Record<string, LightBlock> = {
      'another chain': lightBlock({ ...good, chainId: 'hydra-00000000' }, ours, ours),
      'another parent': lightBlock({ ...good, parent: digestOf('other') }, ours, ours),
      'the same height again': lightBlock({ ...good, height: 0 }, ours, ours),
      'a height too far': lightBlock({ ...good, height: 2 }, ours, ours),
      'a time that is not later': lightBlock({ ...good, time: trust.time }, ours, ours),
      'a time to come': lightBlock({ ...good, time: NOW + OPTIONS.maxClockLeadMs + 1 }, ours, ours),
      'a committee of its own': lightBlock(good, theirs, ours),
      'other powers': lightBlock(good, committeeOfPeople([0, 1, 2, 3], [9, 1, 1, 1]), ours),
      'too little power': lightBlock(good, ours, ours, PEOPLE.slice(0, 2)),
      'signatures of strangers': lightBlock(good, ours, ours, [...PEOPLE.slice(0, 2), PEOPLE[9]!]),
      'a committee that is not the one of the header': { ...first, committee: theirs },
      'a next committee that is not the one of the header': { ...first, nextCommittee: ours },
      'the header changed': { ...first, header: { ...first.header, state: digestOf('riches') } },
      'the commit of another height': { ...first, commit: { ...first.commit, height: 2 } },
      'the commit of another round': { ...first, commit: { ...first.commit, round: 1 } },
      'the commit of another block': { ...first, commit: second.commit },
    }
    for (const [what, block] of Object.entries(forged)) {
      expect(() => verifyAdjacent(trust, block, NOW, OPTIONS), what).toThrow(invalid)
    }
    expect(verifyAdjacent(trust, lightBlock(good, ours, ours), NOW, OPTIONS).height).toBe(1)
  })

  it('takes exactly the clock lead that is allowed, and two thirds of the power are too little', () => {
    const ahead = lightBlock({ height: 1, parent: trust.hash, time: NOW + OPTIONS.maxClockLeadMs }, ours, ours)
    expect(verifyAdjacent(trust, ahead, NOW, OPTIONS).height).toBe(1)
    const three = committeeOfPeople([0, 1, 2])
    const byTwo = lightBlock({ height: 1, parent: trust.hash }, three, ours, PEOPLE.slice(0, 2))
    expect(() => verifyAdjacent(firstTrust(three), byTwo, NOW, OPTIONS)).toThrow(invalid)
  })

  it('believes nothing by a block that is too old', () => {
    const expired = expect.objectContaining({ code: 'LIGHT_TRUST_EXPIRED' })
    const end = trust.time + OPTIONS.trustingPeriodMs
    expect(verifyAdjacent(trust, first, end - 1, OPTIONS).height).toBe(1)
    expect(() => verifyAdjacent(trust, first, end, OPTIONS)).toThrow(expired)
    expect(() => verifySkipping(trust, lightBlock({ height: 9 }, ours, ours), end, OPTIONS)).toThrow(expired)
  })
})

describe('verifySkipping', () => {
  it('believes a block further on that more than a third of the believed committee signed', () => {
    const half = committeeOfPeople([2, 3, 6, 7])
    expect(verifySkipping(trust, lightBlock({ height: 9 }, half, theirs), NOW, OPTIONS)?.height).toBe(9)
  })

  it('says that it cannot tell when a third or less of it signed, whatever power they have now', () => {
    const three = firstTrust(committeeOfPeople([0, 1, 2]))
    const overlap = committeeOfPeople([0, 6, 7], [1000, 1, 1])
    expect(verifySkipping(three, lightBlock({ height: 9 }, overlap, theirs), NOW, OPTIONS)).toBeNull()
    const members = [...membersOf(ours), PEOPLE[6]!, PEOPLE[7]!, PEOPLE[8]!, PEOPLE[9]!]
    const absent = lightBlock(
      { height: 9 },
      committeeOfPeople([0, 1, 2, 6, 7, 8, 9]),
      theirs,
      members.slice(2, 3).concat(PEOPLE.slice(6)),
    )
    expect(verifySkipping(trust, absent, NOW, OPTIONS)).toBeNull()
  })

  it('counts power, not heads', () => {
    const heavy = firstTrust(committeeOfPeople([0, 1, 2, 3], [10, 1, 1, 1]))
    expect(
      verifySkipping(heavy, lightBlock({ height: 9 }, committeeOfPeople([0, 6, 7]), theirs), NOW, OPTIONS),
    ).not.toBeNull()
    expect(
      verifySkipping(heavy, lightBlock({ height: 9 }, committeeOfPeople([1, 2, 3]), theirs), NOW, OPTIONS),
    ).toBeNull()
  })

  it('refuses, however many it shares, what two thirds of its own committee have not signed', () => {
    const wide = committeeOfPeople([0, 1, 2, 3, 4, 5, 6])
    const few = lightBlock({ height: 9 }, wide, theirs, PEOPLE.slice(0, 4))
    expect(() => verifySkipping(trust, few, NOW, OPTIONS)).toThrow(invalid)
    const forged = lightBlock({ height: 9 }, ours, theirs)
    const [one, ...others] = forged.commit.precommits
    const twice = { ...forged, commit: { ...forged.commit, precommits: [one!, one!, ...others] } }
    expect(() => verifySkipping(trust, twice, NOW, OPTIONS)).toThrow(invalid)
    const wrongParts = { ...forged, nextCommittee: ours }
    expect(() => verifySkipping(trust, wrongParts, NOW, OPTIONS)).toThrow(invalid)
  })

  it('does not take a block that follows directly on a third alone', () => {
    const half = committeeOfPeople([2, 3, 6, 7])
    const next = lightBlock({ height: 1, parent: trust.hash }, half, theirs)
    expect(() => verifySkipping(trust, next, NOW, OPTIONS)).toThrow(invalid)
  })
})

describe('where trust begins', () => {
  it('is the genesis, which names the committee of block 1', () => {
    const world = new World()
    const { block } = world.next()
    const first: LightBlock = {
      header: block.header,
      commit: world.commit!,
      ...{
        committee: trustGenesis(world.genesis).nextCommittee,
        nextCommittee: trustGenesis(world.genesis).nextCommittee,
      },
    }
    const now = world.state.time
    const options = { trustingPeriodMs: defaultTrustingPeriod(TEST_PARAMETERS), maxClockLeadMs: 0 }
    expect(verifyAdjacent(trustGenesis(world.genesis), first, now, options).hash).toBe(world.state.blockHash)
    expect(trustGenesis(world.genesis)).toMatchObject({ chainId: CHAIN_ID, height: 0, header: null })
  })

  it('or a block whose hash the person has, and no other', () => {
    const block = lightBlock({ height: 7 }, ours, theirs)
    expect(trustBlock(block, block.commit.valueId)).toEqual(trustedOf(block))
    expect(() => trustBlock(block, digestOf('other'))).toThrow(invalid)
    expect(() => trustBlock({ ...block, nextCommittee: ours }, block.commit.valueId)).toThrow(invalid)
  })

  it('lasts for two thirds of the unbonding time, while evidence is taken', () => {
    expect(defaultTrustingPeriod(DEFAULT_PARAMETERS)).toBe(40_320 * 10_000)
    expect(defaultTrustingPeriod({ ...DEFAULT_PARAMETERS, evidenceBlocks: 100 })).toBe(80 * 10_000)
  })
})
