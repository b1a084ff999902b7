import type { KeyPair } from '@hydraai/core'
import { describe, expect, it } from 'vitest'
import {
  type LedgerEvent,
  moneyOf,
  openWork,
  proposableUpdates,
  revealsDue,
  settlesDue,
  verificationDuties,
} from '../src/index.ts'
import { digestOf, MODEL, person, TEST_PARAMETERS, verdictOf, World, withShare, workOf } from './world.ts'

/** What somebody earned for units and verdicts. */
function earned(events: readonly LedgerEvent[], keys: KeyPair): bigint {
  return events
    .filter(event => event.type === 'unit-reward' || event.type === 'verdict-reward')
    .flatMap(moneyOf)
    .reduce((sum, entry) => (entry.account === keys.address ? sum + entry.amount : sum), 0n)
}

const outcomes = (events: readonly LedgerEvent[]) =>
  events.flatMap(event => (event.type === 'update' ? [[event.trainer, event.unit, event.outcome]] : []))

/** Commits and reveals one unit of each trainer, and goes on to where its verifiers are drawn. */
function bringToDraw(world: World, trainers: readonly KeyPair[], round = 1): void {
  world.next(trainers.map(keys => world.sign(keys, workOf(keys, round, 0).commit)))
  world.until('reveal')
  world.next(trainers.map(keys => world.sign(keys, workOf(keys, round, 0).reveal)))
  expect(world.round.phase).toBe('reveal')
  world.next()
}

/** Up to phase verify. */
function bringToVerify(world: World, trainers: readonly KeyPair[], round = 1): void {
  bringToDraw(world, trainers, round)
  expect(world.round.phase).toBe('verify')
}

describe('a round of training', () => {
  it('pays an honest trainer and its verifiers, and gives the model its next version', () => {
    const world = new World()
    const [alice, ...others] = world.founders as [KeyPair, ...KeyPair[]]
    const place = { round: 1, unit: 0 }
    bringToVerify(world, [alice])
    expect(world.round.updates[0]!.verifiers.map(verifier => verifier.address).sort()).toEqual(
      others.map(keys => keys.address).sort(),
    )
    world.next(others.map(keys => world.sign(keys, verdictOf(keys, alice, place))))
    expect(world.round.phase).toBe('settle')
    const { events } = world.next([world.sign(alice, workOf(alice, 1, 0).settle)])
    expect(world.round.phase).toBe('aggregate')
    expect(earned(events, alice)).toBe(1_000_000n)
    for (const verifier of others) expect(earned(events, verifier)).toBe(100_000n)
    expect(world.account(alice)).toMatchObject({ unitsVerified: 1, reputation: 51, verdictsGiven: 0 })
    expect(world.account(others[0]!)).toMatchObject({ unitsVerified: 0, reputation: 50, verdictsGiven: 1 })
    const update = world.modelUpdate()
    const after = world.next([], [update])
    expect(after.block.header.models).toEqual([{ id: MODEL, version: 1, parameters: update.parameters }])
    expect(after.events).toContainEqual(expect.objectContaining({ type: 'model', version: 1, updates: 1 }))
    expect(world.round).toMatchObject({ number: 2, phase: 'work', openedAt: world.state.height })
    expect(world.round.beacon).toBe(world.state.beacon)
  })

  it('pays for a unit of little work little, and for the verdicts on it likewise', () => {
    const world = withShare(new World(), 12_345)
    const [alice, ...others] = world.founders as [KeyPair, ...KeyPair[]]
    bringToVerify(world, [alice])
    world.next(others.map(keys => world.sign(keys, verdictOf(keys, alice, { round: 1, unit: 0 }))))
    const { events } = world.next([world.sign(alice, workOf(alice, 1, 0).settle)])
    expect(earned(events, alice)).toBe(12_345n)
    for (const verifier of others) expect(earned(events, verifier)).toBe(1_234n)
  })

  it('does without a quarter: three of four accept, even when the fourth never speaks or lies', () => {
    for (const fourth of ['silent', 'lies'] as const) {
      const world = new World()
      const [trainer, honest, other, last] = world.founders as [KeyPair, KeyPair, KeyPair, KeyPair]
      bringToVerify(world, [trainer])
      const verdicts = [honest, other].map(keys => world.sign(keys, verdictOf(keys, trainer, { round: 1, unit: 0 })))
      if (fourth === 'lies') verdicts.push(world.sign(last, verdictOf(last, trainer, { round: 1, unit: 0 }, false)))
      world.next(verdicts)
      world.until('settle')
      const { events } = world.next([world.sign(honest, workOf(trainer, 1, 0).settle)])
      expect(outcomes(events)).toEqual([[trainer.address, 0, 'accepted']])
      expect(earned(events, last)).toBe(0n)
      expect(world.account(last)!.reputation).toBe(fourth === 'lies' ? 40 : 50)
    }
  })

  it('pays a lying trainer nothing: refuted, its reputation falls, those who said so are paid', () => {
    const world = new World()
    const [liar, ...others] = world.founders as [KeyPair, ...KeyPair[]]
    bringToVerify(world, [liar])
    world.next(others.map(keys => world.sign(keys, verdictOf(keys, liar, { round: 1, unit: 0 }, false))))
    const { events } = world.next()
    expect(outcomes(events)).toEqual([[liar.address, 0, 'refuted']])
    expect(earned(events, liar)).toBe(0n)
    for (const verifier of others) expect(earned(events, verifier)).toBe(100_000n)
    expect(world.account(liar)).toMatchObject({ reputation: 30, unitsVerified: 0 })
    // Nothing to aggregate: the same parameters, the next round.
    expect(world.round).toMatchObject({ number: 2, phase: 'work' })
    expect(world.state.models.get(MODEL)!.version).toBe(0)
  })

  it('pays a verifier nothing that voted against the truth or with a copied or guessed digest', () => {
    const world = new World({ founders: 5 })
    const [trainer, lazy, honest, second, third] = world.founders as [KeyPair, KeyPair, KeyPair, KeyPair, KeyPair]
    const place = { round: 1, unit: 0 }
    bringToVerify(world, [trainer])
    const copied = verdictOf(honest, trainer, place)
    if (copied.type !== 'verdict') throw new Error('no verdict')
    world.next([
      ...[honest, second, third].map(keys => world.sign(keys, verdictOf(keys, trainer, place))),
      world.sign(lazy, verdictOf(lazy, trainer, place, true, copied.digest)),
    ])
    const { events } = world.next([world.sign(trainer, workOf(trainer, 1, 0).settle)])
    expect(outcomes(events)).toEqual([[trainer.address, 0, 'accepted']])
    expect(earned(events, lazy)).toBe(0n)
    expect(world.account(lazy)!.reputation).toBe(40)
    expect(earned(events, honest)).toBe(100_000n)
  })

  it('expires an update that was not revealed, that too few judged, or whose key was never shown', () => {
    const world = new World()
    const [hidden, ignored, keyless, verifier] = world.founders as [KeyPair, KeyPair, KeyPair, KeyPair]
    const trainers = [hidden, ignored, keyless]
    world.next(trainers.map(keys => world.sign(keys, workOf(keys, 1, 0).commit)))
    world.until('reveal')
    world.next([ignored, keyless].map(keys => world.sign(keys, workOf(keys, 1, 0).reveal)))
    world.until('verify')
    world.next(
      [hidden, ignored, verifier].map(keys => world.sign(keys, verdictOf(keys, keyless, { round: 1, unit: 0 }))),
    )
    const from = world.state.height
    world.until('settle')
    // The first block of the phase carried the verdicts.
    expect(world.state.height - from).toBe(TEST_PARAMETERS.phases.verify - 1)
    world.until('work')
    expect(world.round.number).toBe(2)
    const told = outcomes(world.events)
    expect(told[0]).toEqual([hidden.address, 0, 'expired'])
    expect(new Set(told.map(String))).toEqual(new Set(trainers.map(keys => `${keys.address},0,expired`)))
    for (const trainer of trainers) expect(earned(world.events, trainer)).toBe(0n)
  })

  it('draws only who has lately precommitted or acted', () => {
    const world = new World({ genesis: { parameters: { ...TEST_PARAMETERS, activityWindow: 2 } } })
    const [trainer, absent, ...present] = world.founders as [KeyPair, KeyPair, ...KeyPair[]]
    world.silent.add(absent.address)
    bringToVerify(world, [trainer])
    const drawn = world.round.updates[0]!.verifiers.map(verifier => verifier.address)
    expect(drawn.sort()).toEqual(present.map(keys => keys.address).sort())
  })

  it('opens the next round with the block after the phase when nobody revealed', () => {
    const world = new World()
    const [trainer] = world.founders
    world.next([world.sign(trainer!, workOf(trainer!, 1, 0).commit)])
    world.until('reveal')
    const { phaseEndsAt } = world.round
    while (world.round.number === 1) world.next()
    expect(world.state.height).toBe(phaseEndsAt + 1)
    expect(world.round).toMatchObject({ number: 2, phase: 'work', openedAt: phaseEndsAt + 1 })
  })

  it('keeps work open block by block until somebody commits, and then ends it with that block', () => {
    const world = new World()
    const [trainer] = world.founders
    for (let i = 0; i < 30; i++) world.next()
    expect(world.round).toMatchObject({ number: 1, phase: 'work', phaseEndsAt: 31 })
    world.next([world.sign(trainer!, workOf(trainer!, 1, 0).commit)])
    expect(world.round).toMatchObject({ number: 1, phase: 'reveal', phaseEndsAt: 34 })
  })

  it('waits for everyone who trained in the round before, but not longer than its limit', () => {
    const world = new World()
    const [first, second, third, vanished] = world.founders as [KeyPair, KeyPair, KeyPair, KeyPair]
    const commits = (trainers: KeyPair[], round: number) =>
      trainers.map(keys => world.sign(keys, workOf(keys, round, 0).commit))
    const { work, workLimit } = world.state.parameters.phases
    // All founders are expected in round 1: without the fourth, it takes the whole phase.
    world.next(commits([first, second, third], 1))
    while (world.state.height < workLimit) {
      expect(world.round.phase).toBe('work')
      world.next()
    }
    expect(world.round.phase).toBe('reveal')
    const trainers = [first, second, third]
    world.next(trainers.map(keys => world.sign(keys, workOf(keys, 1, 0).reveal)))
    world.until('settle')
    world.until('work')
    // Then only those who revealed are: with all of them in, the least length is enough.
    const { openedAt, expected } = world.round
    expect(expected).toEqual(trainers.map(keys => keys.address).sort())
    expect(expected).not.toContain(vanished.address)
    world.next(commits(trainers, 2))
    while (world.state.height < openedAt + work) {
      expect(world.round.phase).toBe('work')
      world.next()
    }
    expect(world.round.phase).toBe('reveal')
  })

  it('works with one node alone', () => {
    const world = new World({ founders: 1 })
    const [only] = world.founders as [KeyPair]
    bringToDraw(world, [only])
    expect(world.round.updates[0]).toMatchObject({ verifiers: [], trainerWeight: 1_000_000n })
    expect(world.round.phase).toBe('settle')
    world.next([world.sign(only, workOf(only, 1, 0).settle)])
    world.next([], [world.modelUpdate()])
    expect(world.state.models.get(MODEL)!.version).toBe(1)
    expect(world.account(only)!.unitsVerified).toBe(1)
    expect(earned(world.events, only)).toBe(1_000_000n)
  })

  it('takes a newcomer from nothing to a verifier: work, fee credit, a reward, a stake', () => {
    const world = new World()
    const newcomer = person('newcomer')
    expect(openWork(world.state, newcomer.address)).toMatchObject([{ unit: null, reason: 'unregistered' }])
    world.next([world.register(newcomer)])
    bringToVerify(world, [newcomer])
    // The commit stood in block 2; the newcomer precommits nothing, so only its acts show that it lives.
    expect(world.account(newcomer)).toMatchObject({ balance: 0n, feeCredit: 90_000n, lastActive: 2 })
    expect(world.round.updates[0]).toMatchObject({ trainerWeight: 0n })
    const place = { round: 1, unit: 0 }
    world.next(world.founders.map(keys => world.sign(keys, verdictOf(keys, newcomer, place))))
    world.next([world.sign(newcomer, workOf(newcomer, 1, 0).settle)])
    expect(world.account(newcomer)!.balance).toBe(1_000_000n)
    world.next([world.sign(newcomer, { type: 'stake', amount: 1_000_000n })], [world.modelUpdate()])
    const [founder] = world.founders as [KeyPair]
    bringToVerify(world, [founder], 2)
    expect(world.round.updates[0]!.verifiers.map(verifier => verifier.address)).toContain(newcomer.address)
    world.next([world.sign(newcomer, verdictOf(newcomer, founder, { round: 2, unit: 0 }))])
    expect(world.account(newcomer)!.lastActive).toBe(world.state.height)
  })
})

describe('what is due', () => {
  it('follows a round: work, reveal, verdicts, replay keys, aggregation', () => {
    const world = new World()
    const [trainer, verifier, other] = world.founders as [KeyPair, KeyPair, KeyPair]
    const work = workOf(trainer, 1, 0)
    const { state: start } = world
    expect(openWork(start, trainer.address)).toEqual([
      { model: MODEL, round: 1, beacon: start.beacon, openedAt: 0, sureUntil: 4, until: 20, unit: 0, reason: null },
    ])
    world.next([world.sign(trainer, work.commit)])
    expect(openWork(world.state, trainer.address)).toMatchObject([{ unit: 1 }])
    world.next([
      world.sign(trainer, workOf(trainer, 1, 1).commit),
      world.sign(trainer, workOf(trainer, 1, 2).commit, 1),
    ])
    expect(openWork(world.state, trainer.address)).toMatchObject([{ unit: null, reason: 'limit' }])
    world.until('reveal')
    expect(openWork(world.state, trainer.address)).toEqual([])
    expect(revealsDue(world.state, trainer.address).map(duty => duty.update.unit)).toEqual([0, 1, 2])
    expect(revealsDue(world.state, verifier.address)).toEqual([])
    world.next([world.sign(trainer, work.reveal)])
    expect(revealsDue(world.state, trainer.address).map(duty => duty.update.unit)).toEqual([1, 2])
    expect(verificationDuties(world.state, verifier.address)).toEqual([])
    world.until('verify')
    const [duty] = verificationDuties(world.state, verifier.address)
    expect(duty).toMatchObject({
      model: MODEL,
      round: 1,
      beacon: start.beacon,
      update: { unit: 0, reveal: { payload: work.payload } },
    })
    expect(verificationDuties(world.state, trainer.address)).toEqual([])
    const place = { round: 1, unit: 0 }
    world.next([world.sign(verifier, verdictOf(verifier, trainer, place))])
    expect(verificationDuties(world.state, verifier.address)).toEqual([])
    world.next([world.sign(other, verdictOf(other, trainer, place))])
    world.until('settle')
    expect(settlesDue(world.state, trainer.address)).toHaveLength(1)
    expect(settlesDue(world.state, verifier.address)).toHaveLength(1)
    expect(settlesDue(world.state, world.founders[3]!.address)).toEqual([])
    expect(proposableUpdates(world.state)).toEqual([])
    world.next([world.sign(trainer, work.settle)])
    expect(settlesDue(world.state, trainer.address)).toEqual([])
    expect(proposableUpdates(world.state)).toMatchObject([
      {
        model: MODEL,
        round: 1,
        parameters: digestOf('parameters'),
        momentum: digestOf('momentum'),
        updates: [{ trainer: trainer.address, unit: 0, payload: work.payload }],
      },
    ])
  })

  it('offers no unit to whom cannot pay for it', () => {
    const world = new World({ genesis: { parameters: { ...TEST_PARAMETERS, feeCredit: 10_000n } } })
    const newcomer = person('newcomer')
    world.next([world.register(newcomer)])
    expect(openWork(world.state, newcomer.address)).toMatchObject([{ unit: 0, reason: null }])
    world.next([world.sign(newcomer, workOf(newcomer, 1, 0).commit)])
    expect(openWork(world.state, newcomer.address)).toMatchObject([{ unit: null, reason: 'fee' }])
  })
})
