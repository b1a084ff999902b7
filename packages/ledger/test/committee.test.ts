import { proposerOf } from '@hydraai/consensus'
import type { KeyPair } from '@hydraai/core'
import { describe, expect, it } from 'vitest'
import {
  type Action,
  beaconAlpha,
  buildBlock,
  committeeOf,
  decodeState,
  encodeState,
  epochOf,
  moneyOf,
} from '../src/index.ts'
import { person, TEST_PARAMETERS, World, withBalance } from './world.ts'

const HYDRA = 1_000_000n
const spans = { epochBlocks: 6, dormantBlocks: 13, evidenceBlocks: 10, unbondingBlocks: 20 }
const code = (name: string) => expect.objectContaining({ code: name })

function newWorld(change: Partial<typeof TEST_PARAMETERS> = {}, founders = 4): World {
  return new World({ founders, genesis: { parameters: { ...TEST_PARAMETERS, ...spans, ...change } } })
}

/** People with that much on their balance and their keys known to the world. */
function crowd(world: World, size: number, balance = 10n * HYDRA): KeyPair[] {
  const people = Array.from({ length: size }, (_, i) => person(`staker ${i}`))
  for (const keys of people) withBalance(world, keys, balance)
  world.stakers = [...world.stakers, ...people]
  return people
}

const stake = (amount: bigint): Action => ({ type: 'stake', amount })
const unstake = (amount: bigint): Action => ({ type: 'unstake', amount })
const isMember = (world: World, keys: KeyPair) => world.state.committee.some(member => member.address === keys.address)

describe('the committee', () => {
  it('takes a staker in with the epoch after, announced one block before, with the power of stake and reputation', () => {
    const world = newWorld()
    const [alice] = crowd(world, 1)
    world.upTo(2)
    world.next([world.sign(alice!, stake(5n * HYDRA))])
    world.upTo(5)
    expect(isMember(world, alice!)).toBe(false)
    const { block, events } = world.next()
    expect(block.header.nextCommittee).not.toBe(block.header.committee)
    // 5 HYDRA with reputation 0 and 1 HYDRA with 50: × 10 / 110 and × 60 / 110, in thousandths.
    const power = new Map(committeeOf(world.state).validators.map(member => [member.address, member.power]))
    expect(power.get(alice!.address)).toBe(454)
    expect(power.get(world.founders[0]!.address)).toBe(545)
    expect(events.at(-1)).toEqual({ type: 'epoch', epoch: 2, members: 5, candidates: 5 })
    expect(epochOf(world.state.parameters, world.state.height + 1)).toBe(2)
    world.next()
    expect(world.commit!.precommits.map(({ validator }) => validator)).toContain(alice!.address)
  })

  it('gives stake beyond the cap no more power', () => {
    const world = newWorld({ verifierStakeCap: 2n * HYDRA })
    const [alice] = crowd(world, 1)
    world.next([world.sign(alice!, stake(9n * HYDRA))])
    world.upTo(6)
    expect(committeeOf(world.state).validators.find(({ address }) => address === alice!.address)!.power).toBe(181)
  })

  it('keeps a member that took everything back until the epoch ends, and not beyond', () => {
    const world = newWorld()
    const [first] = world.founders
    world.next([world.sign(first!, unstake(HYDRA))])
    expect(world.account(first!)).toMatchObject({ stake: 0n, balance: 0n })
    for (; world.state.height < 6; world.next()) expect(isMember(world, first!)).toBe(true)
    expect(isMember(world, first!)).toBe(false)
  })

  it('stays as it is when nobody may be in it, so that blocks go on', () => {
    const world = newWorld({}, 1)
    const [only] = world.founders
    world.next([world.sign(only!, unstake(HYDRA))])
    world.upTo(13)
    expect(isMember(world, only!)).toBe(true)
    expect(world.account(only!)!.stake).toBe(0n)
  })

  it('drops who has shown no sign of life, and takes it back in after one', () => {
    const world = newWorld()
    const [quiet] = world.founders
    world.silent.add(quiet!.address)
    world.upTo(12)
    expect(isMember(world, quiet!)).toBe(true)
    world.upTo(18)
    expect(isMember(world, quiet!)).toBe(false)
    world.silent.clear()
    world.next([world.sign(quiet!, { type: 'presence' })])
    world.upTo(24)
    expect(isMember(world, quiet!)).toBe(true)
  })

  it('is at most as large as it may be, drawn by the beacon of the epoch’s last block', () => {
    const drawn = new Set<string>()
    for (const proposer of [0, 1]) {
      const world = newWorld({ committeeSize: 4 })
      world.offerBy(world.state.committee[proposer]!.address)
      const people = crowd(world, 6)
      world.next(people.map(keys => world.sign(keys, stake(10n * HYDRA))))
      for (let epoch = 0; epoch < 4; epoch++) {
        world.upTo(6 * (epoch + 1))
        expect(world.state.committee.length).toBe(4)
        drawn.add(world.state.committee.map(({ address }) => address).join())
        world.next(people.filter(keys => !isMember(world, keys)).flatMap(keys => present(world, keys)))
      }
    }
    expect(drawn.size).toBeGreaterThan(2)
  })

  it('cannot be moved by what its epoch’s last block holds: stake that comes in changes no other seat', () => {
    const world = newWorld({ committeeSize: 4 })
    const people = crowd(world, 8)
    world.next(people.slice(0, 6).map(keys => world.sign(keys, stake(5n * HYDRA))))
    world.upTo(11)
    const proposer = world.state.committee[0]!.address
    const parts = { proposer, beaconProof: world.beaconProof(proposer), time: 0, results: [] }
    const committees = [[], [6, 7], [0, 1, 2]].map(whose => {
      const transactions = whose.map(i => world.sign(people[i]!, stake(5n * HYDRA)))
      const { state } = buildBlock(world.state, { ...parts, transactions, lastCommit: world.commit })
      expect(state.height).toBe(12)
      return state.committee.map(({ address }) => address)
    })
    expect(committees[1]).toEqual(committees[0])
    expect(committees[2]).toEqual(committees[0])
  })
})

function present(world: World, keys: KeyPair) {
  const { lastActive } = world.account(keys)!
  const isDue = lastActive + world.state.parameters.epochBlocks <= world.state.height + 1
  return isDue ? [world.sign(keys, { type: 'presence' })] : []
}

describe('unstaking', () => {
  it('brings the money back by itself when the time is over, not a block earlier', () => {
    const world = newWorld()
    const [alice] = crowd(world, 1)
    world.next([world.sign(alice!, stake(5n * HYDRA))])
    world.next([world.sign(alice!, unstake(2n * HYDRA)), world.sign(alice!, unstake(HYDRA), 1)])
    expect([...world.state.unbondings.values()]).toEqual([
      { account: alice!.address, amount: 3n * HYDRA, releaseAt: 22 },
    ])
    expect(decodeState(encodeState(world.state))).toEqual(world.state)
    world.upTo(21)
    const before = world.account(alice!)!
    expect(world.state.unbondings.size).toBe(1)
    const { events } = world.next()
    expect(events).toContainEqual({ type: 'unbond', account: alice!.address, amount: 3n * HYDRA })
    const earned = events.flatMap(moneyOf).filter(({ account }) => account === alice!.address)
    const balance = earned.reduce((sum, { amount }) => sum + amount, before.balance + 3n * HYDRA)
    expect(world.account(alice!)).toMatchObject({ stake: 2n * HYDRA, balance })
    expect(world.state.unbondings.size).toBe(0)
  })

  it('leaves the least stake or nothing, and takes no more than there is', () => {
    const world = newWorld()
    const [alice] = crowd(world, 1)
    world.next([world.sign(alice!, stake(2n * HYDRA))])
    const refused = (amount: bigint, reason: string) =>
      expect(() => world.next([world.sign(alice!, unstake(amount))])).toThrow(code(reason))
    refused(0n, 'AMOUNT_INVALID')
    refused(HYDRA / 100n - 1n, 'AMOUNT_INVALID')
    refused(2n * HYDRA + 1n, 'STAKE_TOO_LOW')
    refused(HYDRA + 1n, 'STAKE_TOO_LOW')
    world.next([world.sign(alice!, unstake(HYDRA))])
    world.next([world.sign(alice!, unstake(HYDRA))])
    expect(world.account(alice!)!.stake).toBe(0n)
  })
})

describe('presence', () => {
  it('is for the staked, once an epoch', () => {
    const world = newWorld()
    const [alice] = crowd(world, 1)
    const presence = () => world.next([world.sign(alice!, { type: 'presence' })])
    expect(presence).toThrow(code('STAKE_TOO_LOW'))
    world.next([world.sign(alice!, stake(HYDRA))])
    world.silent.add(alice!.address)
    world.upTo(5)
    expect(presence).toThrow(code('TOO_EARLY'))
    world.next()
    presence()
    expect(world.account(alice!)!.lastActive).toBe(7)
    expect(presence).toThrow(code('TOO_EARLY'))
  })
})

describe('missed turns', () => {
  it('make everyone rest whose turn it was before the round that decided, but not whose block it was', () => {
    const world = newWorld({ restEpochs: 3 })
    const committee = committeeOf(world.state)
    const turns = [0, 1, 2].map(round => proposerOf(committee, 1, round).address)
    world.commitRound = 2
    const first = world.next()
    world.commitRound = 0
    const { events } = world.next()
    const missed = turns.slice(0, 2).filter(address => address !== first.block.header.proposer)
    expect(new Set(missed).size).toBe(missed.length)
    expect(events.filter(event => event.type === 'missed-turn')).toEqual(
      missed.map(account => ({ type: 'missed-turn', account, height: 1, restsUntil: 4 })),
    )
    for (const account of missed) expect(world.state.accounts.get(account)!.restsUntil).toBe(4)
    // There are seats for everybody, so those who rest keep theirs.
    world.upTo(6)
    expect(world.state.committee.length).toBe(4)
  })

  it('add up, but no more than four of them', () => {
    const world = newWorld({ restEpochs: 3 })
    const [member] = world.founders
    const until: number[] = []
    while (until.length < 7) {
      const misses = proposerOf(committeeOf(world.state), world.state.height + 1, 0).address === member!.address
      world.commitRound = misses ? 1 : 0
      world.offerBy(world.founders[1]!.address)
      if (misses) until.push(world.state.height)
      world.commitRound = 0
    }
    world.next()
    const { restsUntil } = world.account(member!)!
    const epochs = until.map(height => epochOf(world.state.parameters, height + 1))
    expect(restsUntil).toBe(Math.min(...[epochs[0]! + 3 * 7, epochs.at(-1)! + 4 * 3]))
  })

  it('cost as many seats however small the stake: who is drawn seldom rests long', () => {
    const world = newWorld({ committeeSize: 2, restEpochs: 3 })
    const people = crowd(world, 4, 40n * HYDRA)
    world.next(people.map((keys, i) => world.sign(keys, stake(BigInt(10 * (i + 1)) * HYDRA))))
    world.upTo(12)
    const total = world.state.totalDrawPower
    expect(total).toBe([...world.state.accounts.values()].reduce((sum, one) => sum + BigInt(one.drawPower), 0n))
    const { address, power } = proposerOf(committeeOf(world.state), 13, 0)
    world.commitRound = 1
    world.offerBy(world.state.committee.find(member => member.address !== address)!.address)
    world.commitRound = 0
    world.next()
    const rest = world.state.accounts.get(address)!.restsUntil - epochOf(world.state.parameters, 14)
    const seatsAnEpoch = (2 * power) / Number(total)
    expect(rest).toBe(Math.max(3, Math.ceil(3 / seatsAnEpoch)))
  })

  it('cost the seat for the epochs of rest when there are more stakers than seats', () => {
    const world = newWorld({ committeeSize: 4, restEpochs: 2 })
    const people = crowd(world, 3)
    world.next(people.map(keys => world.sign(keys, stake(5n * HYDRA))))
    world.upTo(7)
    const resting = proposerOf(committeeOf(world.state), 8, 0).address
    world.commitRound = 1
    world.offerBy(world.state.committee.find(({ address }) => address !== resting)!.address)
    world.commitRound = 0
    for (const epochEnd of [12, 18]) {
      while (world.state.height < epochEnd)
        world.next([...world.people].filter(keys => !isMember(world, keys)).flatMap(keys => present(world, keys)))
      expect(world.state.committee.map(({ address }) => address)).not.toContain(resting)
    }
  })
})

describe('the beacon', () => {
  it('is the proposer’s one output for chain, height and the beacon before', () => {
    const world = newWorld()
    const [first, second] = world.founders
    const build = (keys: KeyPair, beaconProof = world.beaconProof(keys.address)) =>
      buildBlock(world.state, {
        ...{ proposer: keys.address, beaconProof, time: 0 },
        ...{ transactions: [], results: [], lastCommit: null },
      }).state.beacon
    expect(build(first!)).toBe(build(first!))
    expect(build(second!)).not.toBe(build(first!))
    expect(() => build(first!, world.beaconProof(second!.address))).toThrow(code('BLOCK_INVALID'))
    const elsewhere = [
      { ...world.state, chainId: 'hydra-00000000' },
      { ...world.state, height: 1 },
      { ...world.state, beacon: world.state.genesis },
    ]
    for (const state of elsewhere)
      expect(() => build(first!, first!.prove(beaconAlpha(state)))).toThrow(code('BLOCK_INVALID'))
  })
})
