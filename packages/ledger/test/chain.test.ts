import { committeeHash, makeCommittee } from '@hydraai/consensus'
import { type Address, decode, encode } from '@hydraai/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  applyBlock,
  blockCodec,
  buildBlock,
  changedEntries,
  decodeState,
  encodeState,
  eventsCodec,
  genesisState,
  type LedgerEvent,
  type LedgerState,
  moneyOf,
  stateOfEntries,
  stateRoot,
  supplyOf,
} from '../src/index.ts'
import { newWorld, play, type Step, script } from './script.ts'
import type { World } from './world.ts'

// Without shrinking, which takes minutes here: the seed of a failure gives the whole life again.
const runs = { numRuns: 8, endOnFailure: true }

function life(steps: readonly Step[]): World {
  const world = newWorld()
  for (const step of steps) play(world, step)
  return world
}

describe('whatever happens on a chain', () => {
  it('money adds up: supply is minted less burnt, and every account is the sum of its events', () => {
    fc.assert(
      fc.property(script, steps => {
        const world = newWorld()
        const owned = new Map<Address, bigint>()
        let told = 0
        for (const step of steps) {
          play(world, step)
          for (const { account, amount } of world.events.slice(told).flatMap(moneyOf))
            owned.set(account, (owned.get(account) ?? 0n) + amount)
          told = world.events.length
          const bound = new Map<Address, bigint>()
          for (const { account, amount } of world.state.unbondings.values())
            bound.set(account, (bound.get(account) ?? 0n) + amount)
          const held = [...world.state.accounts].map(
            ([who, { balance, stake }]) => [who, balance + stake + (bound.get(who) ?? 0n)] as const,
          )
          expect(owned).toEqual(new Map(held.filter(([who, amount]) => amount > 0n || owned.has(who))))
          expect(supplyOf(world.state).total).toBe(held.reduce((sum, [, amount]) => sum + amount, 0n))
          const purses = [...world.state.accounts.values()].flatMap(({ balance, stake, feeCredit }) => [
            balance,
            stake,
            feeCredit,
          ])
          expect(purses.filter(amount => amount < 0n)).toEqual([])
        }
      }),
      runs,
    )
  })

  it('a transaction that fails leaves no trace: the block is the one that would have been built without it', () => {
    fc.assert(
      fc.property(script, steps => {
        const world = newWorld()
        for (const step of steps) {
          const { state, commit } = world
          const { block, refused, offered, results } = play(world, step)
          if (refused.length === 0) continue
          const failed = new Set(refused.map(({ transaction }) => transaction))
          const { proposer, beaconProof, time } = block.header
          const transactions = offered.filter(transaction => !failed.has(transaction))
          const parts = { proposer, beaconProof, time, transactions, results, lastCommit: commit }
          expect(buildBlock(state, parts).block).toEqual(block)
        }
      }),
      runs,
    )
  })

  it('somebody can always decide the next block: the committee is never empty nor too large, and is the one announced', () => {
    fc.assert(
      fc.property(script, steps => {
        const world = newWorld()
        for (const step of steps) {
          const { block } = play(world, step)
          const { committee, parameters } = world.state
          expect(committee.length).toBeGreaterThan(0)
          expect(committee.length).toBeLessThanOrEqual(parameters.committeeSize)
          expect(block.header.nextCommittee).toBe(committeeHash(makeCommittee(committee)))
          const announced = world.blocks.at(-2)?.header.nextCommittee ?? block.header.committee
          expect(block.header.committee).toBe(announced)
        }
      }),
      { ...runs, numRuns: 5 },
    )
  })

  it('a store that writes only what each block changed holds the whole state', () => {
    fc.assert(
      fc.property(script, steps => {
        const world = newWorld()
        const store = new Map<string, Uint8Array>()
        let stored: LedgerState | null = null
        for (const [i, step] of steps.entries()) {
          play(world, step)
          if (i % 3 === 1) continue // a store may also skip blocks
          const { put, del } = changedEntries(stored, world.state)
          for (const { key, value } of put) store.set(key, value)
          for (const key of del) expect(store.delete(key)).toBe(true)
          stored = world.state
        }
        if (stored === null) return
        const entries = [...store].map(([key, value]) => ({ key, value })).sort((a, b) => (a.key < b.key ? -1 : 1))
        const read = stateOfEntries(stored.blockHash, entries)
        expect(read).toEqual(stored)
        expect(encodeState(read)).toEqual(encodeState(stored))
      }),
      { ...runs, numRuns: 5 },
    )
  })

  it('applying never changes the state it starts from', () => {
    fc.assert(
      fc.property(script, steps => {
        const world = newWorld()
        for (const step of steps) {
          const before = world.state
          const copy = structuredClone(before)
          play(world, step)
          expect(before).toEqual(copy)
        }
      }),
      { ...runs, numRuns: 5 },
    )
  })

  it('everyone who applies the blocks has the same state: from the wire, from a snapshot, without any cache', () => {
    fc.assert(
      fc.property(script, steps => {
        const world = life(steps)
        let state = genesisState(world.genesis)
        const events: LedgerEvent[] = []
        for (const [i, block] of world.blocks.entries()) {
          const read = decode(blockCodec, encode(blockCodec, block))
          if (i % 7 === 3) state = decodeState(encodeState(state))
          const applied = applyBlock(state, read)
          state = applied.state
          expect(decode(eventsCodec, encode(eventsCodec, applied.events))).toEqual(applied.events)
          for (const event of applied.events) events.push(event)
        }
        expect(state).toEqual(world.state)
        expect(stateRoot(structuredClone(state))).toBe(world.blocks.at(-1)!.header.state)
        expect(world.events.slice(-events.length)).toEqual(events)
      }),
      runs,
    )
  })

  it('nothing waits for ever: when everybody falls silent, what was begun comes to its end', () => {
    fc.assert(
      fc.property(script, steps => {
        const world = life(steps)
        world.silent.clear()
        world.commitRound = 0
        // Work, reveal, settling the round before, base, settling; five challengers of two questions each behind it.
        for (let i = 0; i < 60; i++) world.next()
        expect(world.state.settling.size).toBe(0)
        expect(world.state.disputes.size).toBe(0)
        for (const { phase, updates } of world.state.rounds.values())
          expect([phase, updates.length]).toEqual(['work', 0])
      }),
      { ...runs, numRuns: 5 },
    )
  })

  it('the scripts of these tests reach every kind of event and every outcome', () => {
    const seen = new Set<string>()
    for (const steps of fc.sample(script, { seed: 7, numRuns: 60 })) {
      for (const event of life(steps).events) seen.add(event.type === 'update' ? event.outcome : event.type)
    }
    const expected = [
      'genesis-stake',
      'block-reward',
      'precommit-reward',
      'unit-reward',
      'verdict-reward',
      'transfer',
      'fee',
      'query-payment',
      'publish',
      'model-dropped',
    ]
    expected.push(
      'registration',
      'stake',
      'unstake',
      'unbond',
      'presence',
      'missed-turn',
      'epoch',
      'tip',
      'slash',
      'commit',
      'reveal',
      'verdict',
      'open',
      'dispute',
      'ruling',
      'unit-slash',
      'verdict-slash',
      'bounty',
      'decay',
      'disclose',
      'base',
      'replay-reward',
      'phase',
      'reputation',
      'model',
    )
    expected.push('accepted', 'disputed', 'refuted', 'expired')
    expect([...seen].sort()).toEqual(expected.sort())
  })
})
