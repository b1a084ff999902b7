import type { Address, Hash, KeyPair } from '@hydraai/core'
import { describe, expect, it } from 'vitest'
import {
  type Action,
  type Challenge,
  type ComputedResult,
  decodeState,
  encodeState,
  moneyOf,
  narrowsDue,
  picksDue,
  type RulingAnswer,
  resultsDue,
  rulingsDue,
  statesDue,
} from '../src/index.ts'
import { bringToVerify, earned, outcomes, storyOf } from './rounds.ts'
import { digestOf, discloseOf, MODEL, mismatchAt, SEGMENTS, verdictOf, World, workOf } from './world.ts'

type Four = [KeyPair, KeyPair, KeyPair, KeyPair]
const place = { round: 1, unit: 0 }
const HYDRA = 1_000_000n

/** A round whose one unit `challenger` says is false from a segment on, while everybody else agrees with it. */
function disputed(world: World, trainer: KeyPair, challenger: KeyPair, round = 1, segment = 1): void {
  const where = { round, unit: 0 }
  const { findings, challenge } = mismatchAt(trainer, where, segment)
  const others = world.founders.filter(keys => keys !== trainer && keys !== challenger)
  bringToVerify(world, [trainer], round)
  world.next([
    ...others.map(keys => world.sign(keys, verdictOf(keys, trainer, where))),
    world.sign(challenger, verdictOf(challenger, trainer, where, findings)),
  ])
  world.next([
    world.sign(trainer, workOf(trainer, round, 0).open),
    ...others.map(keys => world.sign(keys, discloseOf(keys, trainer, where))),
    world.sign(challenger, discloseOf(challenger, trainer, where, findings, challenge)),
  ])
}

const rulingOf = (trainer: KeyPair, answer: RulingAnswer, round = 1): ComputedResult => ({
  ...{ type: 'ruling', model: MODEL, round, trainer: trainer.address, unit: 0 },
  answer,
})
const pickOf = (trainer: KeyPair, index: number, round = 1): Action => ({
  ...{ type: 'pick', model: MODEL, round, trainer: trainer.address, unit: 0 },
  index,
})
const questions = (world: World) =>
  [...world.state.disputes.values()].map(({ round, question }) => [round, question.type])
/** All that an account has, which the entries of its events have to add up to. */
function worth(world: World, keys: KeyPair): bigint {
  const { balance, stake } = world.account(keys)!
  let bound = 0n
  for (const { account, amount } of world.state.unbondings.values()) if (account === keys.address) bound += amount
  return balance + stake + bound
}

function expectMoneyTold(world: World): void {
  const sums = new Map<Address, bigint>()
  for (const { account, amount } of world.events.flatMap(moneyOf)) sums.set(account, (sums.get(account) ?? 0n) + amount)
  for (const keys of world.founders) expect(sums.get(keys.address)).toBe(worth(world, keys))
}

describe('a dispute on the chain', () => {
  it('ends for an honest trainer: paid late, and half of what its challenger loses', () => {
    const world = new World()
    const [trainer, liar, ...others] = world.founders as Four
    disputed(world, trainer, liar)
    expect(outcomes(world.events)).toEqual([[trainer.address, 0, 'disputed']])
    expect(picksDue(world.state, trainer.address)).toMatchObject([{ question: { from: 5, to: 10 } }])
    expect(picksDue(world.state, liar.address)).toEqual([])
    world.next([world.sign(trainer, pickOf(trainer, 0))])
    // Five steps are five sections: what was denied is one step, from a state that both have.
    expect(rulingsDue(world.state)).toMatchObject([{ question: { type: 'step', from: 5, to: 6 } }])
    const { leaves } = workOf(trainer, 1, 0)
    for (const keys of [trainer, liar, ...others])
      expect(statesDue(world.state, keys.address)).toMatchObject([{ step: 5, hash: leaves[0] }])
    expect(statesDue(world.state, digestOf('nobody') as string as Address)).toEqual([])
    expect(decodeState(encodeState(world.state)).disputes).toEqual(world.state.disputes)
    const { events } = world.next([], [rulingOf(trainer, { type: 'step', after: digestOf('the truth') })])
    expect(world.state.disputes.size).toBe(0)
    expect(storyOf(events, trainer)).toMatchObject({ outcome: 'accepted', reward: HYDRA })
    expect(earned(events, trainer)).toBe(HYDRA)
    for (const keys of others) expect(earned(events, keys)).toBeGreaterThanOrEqual(100_000n)
    expect(world.account(liar)).toMatchObject({ stake: 0n, reputation: 25 })
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'bounty', account: trainer.address, from: liar.address, amount: HYDRA / 2n }),
    )
    expect(world.state.models.get(MODEL)!.version).toBe(0)
    expectMoneyTold(world)
  })

  it('ends for an honest challenger: the trainer is slashed, and those who agreed with it when the segment is run', () => {
    const world = new World()
    const [liar, honest, ...friends] = world.founders as Four
    disputed(world, liar, honest)
    const { hashes } = mismatchAt(liar, place, 1).challenge as Challenge & { type: 'trace' }
    world.next([world.sign(liar, pickOf(liar, 0))])
    world.next([], [rulingOf(liar, { type: 'step', after: hashes[0]! })])
    expect(rulingsDue(world.state)).toMatchObject([{ question: { type: 'step', from: 5, to: 10 } }])
    const { events } = world.next([], [rulingOf(liar, { type: 'step', after: hashes[4]! })])
    expect(storyOf(events, liar)).toMatchObject({ outcome: 'refuted', reward: 0n })
    for (const keys of [liar, ...friends]) expect(world.account(keys)!.stake).toBe(0n)
    expect(world.account(liar)!.reputation).toBe(0)
    expect(world.account(honest)).toMatchObject({ stake: HYDRA, reputation: 50 })
    expect(earned(events, honest)).toBeGreaterThanOrEqual(100_000n)
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'bounty', account: honest.address, from: liar.address, amount: HYDRA / 2n }),
    )
    expectMoneyTold(world)
  })

  it('outlives rounds, with units of one trainer disputed in both lanes, and holds up none of them', () => {
    const world = new World()
    const [trainer, liar] = world.founders as Four
    disputed(world, trainer, liar, 1)
    disputed(world, trainer, liar, 2)
    bringToVerify(world, [trainer], 3)
    expect(questions(world)).toEqual([
      [1, 'pick'],
      [2, 'pick'],
    ])
    // Nobody ever moves: everybody runs what is in question.
    for (let i = 0; i < 30 && questions(world).some(([, type]) => type === 'pick'); i++) world.next()
    expect(rulingsDue(world.state).map(({ dispute }) => dispute.round)).toEqual([1, 2])
    const leafOf = (round: number): Hash => workOf(trainer, round, 0).leaves[1]!
    const rulings = [1, 2].map(round => rulingOf(trainer, { type: 'step', after: leafOf(round) }, round))
    world.next([], rulings)
    expect(world.state.disputes.size).toBe(0)
    expect(outcomes(world.events).filter(([, , outcome]) => outcome === 'accepted')).toHaveLength(2)
    // All its stake was lost by the first: the second finds nothing more to take.
    expect(world.events.filter(event => event.type === 'verdict-slash')).toMatchObject([{ amount: HYDRA }])
    expectMoneyTold(world)
  })

  it('takes what is unbonding from who took its stake back in time', () => {
    const world = new World()
    const [liar, honest, ...friends] = world.founders as Four
    disputed(world, liar, honest)
    world.next([world.sign(liar, { type: 'unstake', amount: HYDRA })])
    expect(world.account(liar)!.stake).toBe(0n)
    world.until('work')
    for (let i = 0; i < 20 && questions(world)[0]![1] === 'pick'; i++) world.next()
    const { hashes } = mismatchAt(liar, place, 1).challenge as Challenge & { type: 'trace' }
    world.next([], [rulingOf(liar, { type: 'step', after: hashes[4]! })])
    expect(world.state.unbondings.size).toBe(0)
    for (const keys of friends) expect(world.account(keys)!.stake).toBe(0n)
    expectMoneyTold(world)
  })

  it('lapses when no ruling comes: the update expires, and nobody loses anything', () => {
    const world = new World()
    const [trainer, liar] = world.founders as Four
    disputed(world, trainer, liar)
    const { moveBlocks, rulingBlocks } = world.state.parameters.disputes
    const opened = world.state.height
    while (world.state.disputes.size > 0) world.next()
    expect(world.state.height - opened).toBe(moveBlocks + rulingBlocks)
    expect(storyOf(world.events, trainer)).toMatchObject({ outcome: 'expired', reward: 0n })
    for (const keys of world.founders) expect(world.account(keys)).toMatchObject({ stake: HYDRA, reputation: 50 })
  })

  it('takes moves only from those asked, and of what was asked', () => {
    const world = new World()
    const [trainer, liar, other] = world.founders as Four
    disputed(world, trainer, liar)
    const refused = (keys: KeyPair, action: Action, code: string) =>
      expect(() => world.next([world.sign(keys, action)])).toThrow(expect.objectContaining({ code }))
    const narrow: Action = { type: 'narrow', model: MODEL, round: 1, trainer: trainer.address, unit: 0, hashes: [] }
    refused(trainer, pickOf(trainer, 5), 'MOVE_REFUSED')
    refused(liar, pickOf(trainer, 0), 'MOVE_REFUSED')
    refused(other, pickOf(trainer, 0), 'MOVE_REFUSED')
    refused(liar, narrow, 'MOVE_REFUSED')
    refused(trainer, pickOf(trainer, 0, 2), 'DISPUTE_UNKNOWN')
    refused(trainer, pickOf(other, 0), 'DISPUTE_UNKNOWN')
    expect(narrowsDue(world.state, liar.address)).toEqual([])
    // A result that does not apply is left out of a block.
    for (const answer of [
      { type: 'step', after: digestOf('x') },
      { type: 'key', key: digestOf('x') },
      { type: 'seal', payload: digestOf('x'), residual: null },
    ] satisfies RulingAnswer[]) {
      expect(world.offer([], [rulingOf(trainer, answer)]).block.results).toEqual([])
      expect(world.offer([], [rulingOf(other, answer)]).block.results).toEqual([])
    }
    expect(resultsDue(world.state).filter(({ type }) => type === 'ruling')).toEqual([])
    expect(questions(world)).toEqual([[1, 'pick']])
  })
})

describe('a challenge', () => {
  it('is refused unless it denies what the trainer has, at its place in the trace, with a state for every section', () => {
    const world = new World()
    const [trainer, liar, ...others] = world.founders as Four
    const { findings, challenge } = mismatchAt(trainer, place, 1)
    const { pointAt, leaves } = workOf(trainer, 1, 0)
    if (challenge.type !== 'trace') throw new Error('no trace')
    bringToVerify(world, [trainer])
    world.next([
      world.sign(liar, verdictOf(liar, trainer, place, findings)),
      ...others.map(keys => world.sign(keys, verdictOf(keys, trainer, place))),
    ])
    const { hashes } = challenge
    const bad: (Challenge | null)[] = [
      null,
      { type: 'seal', after: pointAt(SEGMENTS - 1) },
      { ...challenge, hashes: hashes.with(-1, leaves[1]!) }, // comes to the trainer's own state
      { ...challenge, after: pointAt(2) }, // another leaf, with its own proof
      { ...challenge, after: { ...pointAt(2), proof: pointAt(1).proof } },
      { ...challenge, after: { leaf: digestOf('no leaf'), proof: pointAt(1).proof } },
      { ...challenge, after: { leaf: null, proof: [] } },
      { ...challenge, before: pointAt(1) },
      { ...challenge, before: { leaf: null, proof: [] } }, // the start of the unit, which segment 1 does not begin with
      { ...challenge, before: { ...pointAt(0), proof: [] } },
      { ...challenge, hashes: hashes.slice(1) },
      { ...challenge, hashes: [digestOf('one more'), ...hashes] },
      { ...challenge, hashes: [] },
      { ...challenge, segment: 2 }, // not what the findings say
    ]
    for (const one of bad) {
      expect(() => world.next([world.sign(liar, discloseOf(liar, trainer, place, findings, one))])).toThrow(
        expect.objectContaining({ code: 'CHALLENGE_REFUSED' }),
      )
    }
    expect(world.next([world.sign(liar, discloseOf(liar, trainer, place, findings, challenge))]).refused).toEqual([])
  })
})

describe('a reputation', () => {
  it('goes by one for every six epochs without work that was accepted', () => {
    const world = new World()
    const [trainer] = world.founders as Four
    const { epochBlocks } = world.state.parameters
    const short = { ...world.state, parameters: { ...world.state.parameters, epochBlocks: 2 } }
    expect(epochBlocks).toBe(60)
    world.state = short
    world.upTo(11)
    expect(world.account(trainer)!.reputation).toBe(50)
    world.next()
    expect(world.events.filter(({ type }) => type === 'decay')).toHaveLength(4)
    expect(world.account(trainer)).toMatchObject({ reputation: 49, lastWorked: 12 })
    world.upTo(24)
    expect(world.account(trainer)).toMatchObject({ reputation: 48, lastWorked: 24 })
  })
})
