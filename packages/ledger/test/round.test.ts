import { commitmentOf, float32Bits, type Hash, type KeyPair, sealOf, segmentKeysRoot, verifyVrf } from '@hydraai/core'
import { describe, expect, it } from 'vitest'
import {
  type Action,
  decodeState,
  disclosuresDue,
  encodeState,
  isPlant,
  opensDue,
  openWork,
  plantAlpha,
  residualOf,
  resultsDue,
  revealsDue,
  verificationDuties,
} from '../src/index.ts'
import { openNextRound } from '../src/rounds/round.ts'
import { Draft } from '../src/state/draft.ts'
import { bringToBase, bringToVerify, discloseAll, earned, judge, outcomes, storyOf } from './rounds.ts'
import {
  digestOf,
  discloseOf,
  findingsOf,
  genesisOf,
  MODEL,
  person,
  SEGMENTS,
  TEST_PARAMETERS,
  verdictOf,
  World,
  withShare,
  workOf,
} from './world.ts'

type Four = [KeyPair, KeyPair, KeyPair, KeyPair]
const place = { round: 1, unit: 0 }

describe('a round of training', () => {
  it('pays an honest trainer and its verifiers, and gives the model its next version while the next round works', () => {
    const world = new World()
    const [alice, ...others] = world.founders as Four
    bringToVerify(world, [alice])
    const { verifiers } = world.settling!.updates[0]!
    expect(verifiers.map(({ address }) => address)).toEqual(others.map(keys => keys.address).sort())
    judge(world, others, [alice])
    const events = discloseAll(world, others, [alice])
    expect(world.settling!.phase).toBe('aggregate')
    expect(earned(events, alice)).toBe(1_000_000n)
    for (const verifier of others) {
      const { segments } = verifiers.find(({ address }) => address === verifier.address)!
      // All of them replayed; those who were drawn for it are paid for it.
      expect(earned(events, verifier)).toBe(100_000n + (250_000n * BigInt(segments)) / BigInt(SEGMENTS))
    }
    expect(world.account(alice)).toMatchObject({ unitsVerified: 1, reputation: 51, verdictsGiven: 0 })
    expect(world.account(others[0]!)).toMatchObject({ unitsVerified: 0, reputation: 50, verdictsGiven: 1 })
    expect(world.account(alice)!.lastWorked).toBe(world.state.height)
    const update = world.modelUpdate()
    const after = world.next([], [update])
    expect(after.block.header.models).toEqual([{ id: MODEL, version: 1, parameters: update.parameters }])
    expect(after.events).toContainEqual(expect.objectContaining({ type: 'model', version: 1, updates: 1 }))
    expect(world.settling).toBeUndefined()
    expect(world.round).toMatchObject({ number: 2, phase: 'work', base: digestOf('b1') })
  })

  it('tells the whole story of an update in one event', () => {
    const world = new World()
    const [alice, ...others] = world.founders as Four
    bringToVerify(world, [alice])
    judge(world, others, [alice])
    const { lossBefore, lossAfter } = workOf(alice, 1, 0)
    const story = storyOf(discloseAll(world, others, [alice]), alice)
    expect(story).toMatchObject({ outcome: 'accepted', lossBefore, lossAfter, planted: false, bytes: 1000 })
    expect(story).toMatchObject({ audit: { auditors: 2, segments: SEGMENTS, of: SEGMENTS }, reward: 1_000_000n })
    expect(story).toMatchObject({
      verdicts: others
        .map(keys => ({ verifier: keys.address, segments: SEGMENTS, judgement: 'stood' }))
        .sort((a, b) => (a.verifier < b.verifier ? -1 : 1)),
    })
  })

  it('overlaps with the next: work goes on at once, and the second base waits until the first round has settled', () => {
    const world = new World()
    const [alice, ...verifiers] = world.founders as Four
    bringToVerify(world, [alice])
    // Round 2 is worked on and revealed while round 1 is still verified.
    bringToBase(world, [alice], 2)
    expect(world.settling).toMatchObject({ number: 1, phase: 'verify' })
    expect(resultsDue(world.state)).toEqual([])
    for (let i = 0; i < TEST_PARAMETERS.phases.base + 1; i++) world.next()
    expect(world.round).toMatchObject({ number: 2, phase: 'base' })
    judge(world, verifiers, [alice])
    discloseAll(world, verifiers, [alice])
    const model = world.modelUpdate()
    world.next([], [model])
    expect(world.round.phaseEndsAt).toBe(world.state.height + TEST_PARAMETERS.phases.base)
    // The second base is the aggregate onto what the first round came to.
    expect(resultsDue(world.state)).toMatchObject([
      { type: 'base', round: 2, parameters: model.parameters, momentum: model.momentum, updates: [{ index: 0 }] },
    ])
    world.next([], [world.base()])
    expect(world.settling).toMatchObject({ number: 2, phase: 'verify' })
    expect(world.round).toMatchObject({ number: 3, base: digestOf('b2') })
    expect(world.state.models.get(MODEL)!.version).toBe(1)
  })

  it('takes no base in the block that brings the model it was not computed from', () => {
    const world = new World({ founders: 1 })
    const [alice] = world.founders as [KeyPair]
    bringToVerify(world, [alice])
    world.next([world.sign(alice, workOf(alice, 1, 0).open)])
    bringToBase(world, [alice], 2)
    expect(world.settling!.phase).toBe('aggregate')
    const base = { type: 'base' as const, model: MODEL, round: 2, included: [0], parameters: digestOf('early') }
    const model = world.modelUpdate()
    expect(world.next([], [base, model]).block.results).toEqual([model])
    expect(world.round.phase).toBe('base')
  })

  it('starts the next round from some of the updates when not all payloads came, and still verifies the others', () => {
    const world = new World()
    const [alice, bob, ...others] = world.founders as Four
    bringToBase(world, [alice, bob])
    const [first] = world.base().included
    world.next([], [{ ...world.base(), included: [first!] }])
    expect(world.events.findLast(event => event.type === 'base')).toMatchObject({ included: 1, revealed: 2, round: 1 })
    world.next()
    const [included, left] = world.settling!.updates
    expect(included!.exposure).toBeGreaterThan(0n)
    expect(left!.exposure).toBe(0n)
    // A payload that nobody could show may still vanish, so everyone replays it.
    expect(left!.verifiers.every(({ segments }) => segments === SEGMENTS)).toBe(true)
    judge(world, world.founders, [alice, bob])
    const events = discloseAll(world, world.founders, [alice, bob])
    expect(outcomes(events).map(([, , outcome]) => outcome)).toEqual(['accepted', 'accepted'])
    expect(others).toHaveLength(2)
  })

  it('is not held up by a payload that is withheld, nor by a verifier that is away and was not to replay', () => {
    const world = new World({ founders: 5 })
    const [alice, withholder] = world.founders as Four
    bringToBase(world, [alice, withholder])
    const first = world.round.updates.findIndex(({ trainer }) => trainer === alice.address)
    world.next([], [{ ...world.base(), included: [first] }])
    const from = world.state.height
    world.next()
    const { verifiers } = world.settling!.updates[first]!
    const away = verifiers.findLast(({ segments }) => segments === 0)!.address
    judge(
      world,
      world.founders.filter(({ address }) => address !== away && verifiers.some(drawn => drawn.address === address)),
      [alice],
    )
    world.until('disclose')
    expect(world.state.height).toBe(from + 1 + TEST_PARAMETERS.phases.reveal)
  })

  it('waits the whole phase for who was drawn to replay: one honest replay must be heard', () => {
    const world = new World({ founders: 5 })
    const [alice] = world.founders as Four
    bringToBase(world, [alice])
    world.next([], [world.base()])
    const from = world.state.height
    world.next()
    const { verifiers } = world.settling!.updates[0]!
    const auditor = verifiers.find(({ segments }) => segments > 0)!.address
    judge(
      world,
      world.founders.slice(1).filter(({ address }) => address !== auditor),
      [alice],
    )
    world.until('disclose')
    expect(world.state.height).toBe(from + TEST_PARAMETERS.phases.verify)
  })

  it('starts the next round from the model when no base comes in time', () => {
    const world = new World()
    const [alice] = world.founders as Four
    bringToBase(world, [alice])
    const { phaseEndsAt } = world.round
    world.upTo(phaseEndsAt - 1)
    expect(world.round.phase).toBe('base')
    const { events } = world.next()
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'base', included: 0, revealed: 1, parameters: digestOf('parameters') }),
    )
    expect(world.round).toMatchObject({ number: 2, phase: 'work', base: digestOf('parameters') })
    expect(world.settling).toMatchObject({ number: 1, phase: 'verify' })
  })

  it('pays for a unit of little work little, and for verdicts and replays likewise', () => {
    const world = withShare(new World(), 12_345)
    const [alice, ...others] = world.founders as Four
    bringToVerify(world, [alice])
    judge(world, others, [alice])
    const events = discloseAll(world, others, [alice])
    expect(earned(events, alice)).toBe(12_345n)
    const { verifiers } = world.settling!.updates[0]!
    for (const verifier of others) {
      const { segments } = verifiers.find(({ address }) => address === verifier.address)!
      expect(earned(events, verifier)).toBe(1_234n + (segments === SEGMENTS ? 3_086n : 0n))
    }
  })

  it('does without a quarter: three of four accept when the fourth never speaks, or never shows what it said', () => {
    for (const fourth of ['says nothing', 'shows nothing'] as const) {
      const world = new World()
      const [trainer, ...others] = world.founders as Four
      bringToVerify(world, [trainer])
      const { verifiers } = world.settling!.updates[0]!
      const auditor = verifiers.find(({ segments }) => segments > 0)!.address
      const last = others.find(keys => keys.address !== auditor)!
      const honest = others.filter(keys => keys !== last)
      judge(world, fourth === 'says nothing' ? honest : others, [trainer])
      discloseAll(world, honest, [trainer])
      world.until('aggregate')
      expect(outcomes(world.events)).toEqual([[trainer.address, 0, 'accepted']])
      expect(earned(world.events, last)).toBe(0n)
      expect(world.account(last)!.reputation).toBe(49)
      expect(storyOf(world.events, trainer)).toMatchObject({
        verdicts: expect.arrayContaining([{ verifier: last.address, segments: 0, judgement: 'silent' }]),
      })
    }
  })

  it('lets a verifier that replayed the unit open it for a trainer that has vanished, who is paid', () => {
    const world = new World()
    const [trainer, ...others] = world.founders as Four
    bringToVerify(world, [trainer])
    judge(world, others, [trainer])
    world.next(others.map(keys => world.sign(keys, discloseOf(keys, trainer, place))))
    expect(world.settling!.phase).toBe('disclose')
    expect(opensDue(world.state, others[0]!.address)).toHaveLength(1)
    const { events } = world.next([world.sign(others[0]!, workOf(trainer, 1, 0).open)])
    expect(outcomes(events)).toEqual([[trainer.address, 0, 'accepted']])
    expect(earned(events, trainer)).toBe(1_000_000n)
  })

  it('disputes an update that one verifier contradicts: it is neither paid nor aggregated with its round', () => {
    const world = new World()
    const [trainer, liar, ...others] = world.founders as Four
    const other = findingsOf(trainer, place, SEGMENTS, { lossAfter: float32Bits(1) })
    bringToVerify(world, [trainer])
    judge(world, others, [trainer])
    world.next([world.sign(liar, verdictOf(liar, trainer, place, other))])
    world.next([
      world.sign(trainer, workOf(trainer, 1, 0).open),
      ...others.map(keys => world.sign(keys, discloseOf(keys, trainer, place))),
      world.sign(liar, discloseOf(liar, trainer, place, other)),
    ])
    expect(outcomes(world.events)).toEqual([[trainer.address, 0, 'disputed']])
    expect(earned(world.events, trainer)).toBe(0n)
    for (const keys of others) expect(earned(world.events, keys)).toBe(0n)
    // The round is over; the dispute goes on by itself.
    expect(world.settling).toBeUndefined()
    expect([...world.state.disputes.values()]).toMatchObject([{ round: 1, question: { type: 'findings' } }])
  })

  it('expires an update that was not revealed, that too few judged, or that nobody opened', () => {
    const world = new World()
    const [hidden, ignored, sealed, verifier] = world.founders as Four
    const trainers = [hidden, ignored, sealed]
    world.next(trainers.map(keys => world.sign(keys, workOf(keys, 1, 0).commit)))
    world.until('reveal')
    world.next([ignored, sealed].map(keys => world.sign(keys, workOf(keys, 1, 0).reveal)))
    world.until('base')
    world.next([], [world.base()])
    const from = world.state.height
    world.next()
    judge(world, [hidden, ignored, verifier], [sealed])
    world.until('disclose')
    expect(world.state.height - from).toBe(TEST_PARAMETERS.phases.verify)
    world.next([
      world.sign(ignored, workOf(ignored, 1, 0).open),
      ...[hidden, ignored, verifier].map((keys, i) =>
        world.sign(keys, discloseOf(keys, sealed, place), Number(i === 1)),
      ),
    ])
    while (world.settling !== undefined) world.next()
    expect(world.state.height - from).toBe(TEST_PARAMETERS.phases.verify + TEST_PARAMETERS.phases.disclose)
    expect(new Set(outcomes(world.events).map(([trainer, , outcome]) => `${trainer} ${outcome}`))).toEqual(
      new Set(trainers.map(keys => `${keys.address} expired`)),
    )
    for (const keys of world.founders) expect(earned(world.events, keys)).toBe(0n)
    // Who revealed what could not be checked loses a little; who was drawn for it may never have been given it.
    expect(world.account(hidden)!.reputation).toBe(50)
    expect(world.account(ignored)!.reputation).toBe(49)
    expect(world.account(verifier)!.reputation).toBe(50)
  })

  it('draws only who has lately precommitted or acted', () => {
    const world = new World({ genesis: { parameters: { ...TEST_PARAMETERS, activityWindow: 2 } } })
    const [trainer, absent, ...present] = world.founders as Four
    world.silent.add(absent.address)
    bringToVerify(world, [trainer])
    const drawn = world.settling!.updates[0]!.verifiers.map(verifier => verifier.address)
    expect(drawn).toEqual(present.map(keys => keys.address).sort())
  })

  it('draws four for a trainer with something to lose, else five, who all replay', () => {
    const world = new World({ founders: 8 })
    const [staked, late] = world.founders as Four
    const newcomer = person('newcomer')
    world.next([world.register(newcomer)])
    bringToBase(world, [staked, late, newcomer])
    const at = ({ address }: KeyPair) => world.round.updates.findIndex(({ trainer }) => trainer === address)
    const included = [at(staked), at(newcomer)].sort()
    world.next([], [{ ...world.base(), included }])
    world.next()
    const drawnFor = (keys: KeyPair) =>
      world.settling!.updates.find(({ trainer }) => trainer === keys.address)!.verifiers.map(one => one.segments)
    expect(drawnFor(staked).sort()).toEqual([0, 0, SEGMENTS, SEGMENTS])
    // Nothing is at risk of who has no stake, nor for what did not make it into the base.
    expect(drawnFor(newcomer)).toEqual(Array(5).fill(SEGMENTS))
    expect(drawnFor(late)).toEqual(Array(5).fill(SEGMENTS))
  })

  it('opens the next round, from the model, with the block after the phase when nobody revealed', () => {
    const world = new World()
    const [trainer] = world.founders as Four
    world.next([world.sign(trainer, workOf(trainer, 1, 0).commit)])
    world.until('reveal')
    const { phaseEndsAt } = world.round
    world.upTo(phaseEndsAt)
    expect(resultsDue(world.state)).toEqual([])
    world.next()
    const opened = { openedAt: phaseEndsAt + 1, base: digestOf('parameters') }
    expect(world.round).toMatchObject({ number: 2, phase: 'work', ...opened })
    expect(world.settling).toBeUndefined()
    expect(outcomes(world.events)).toEqual([[trainer.address, 0, 'expired']])
  })

  it('opens no round that would settle beside another of its lane, even when nobody revealed in between', () => {
    const world = new World({ founders: 1 })
    const [alice] = world.founders as [KeyPair]
    bringToVerify(world, [alice])
    world.next([world.sign(alice, workOf(alice, 1, 0).open), world.sign(alice, workOf(alice, 2, 0).commit, 1)])
    world.until('base')
    for (let i = 0; i < 10; i++) world.next()
    expect(world.round).toMatchObject({ number: 2, phase: 'base' })
    const model = world.modelUpdate()
    world.next([], [model])
    world.next()
    expect(world.round).toMatchObject({ number: 3, phase: 'work', base: model.parameters })
  })

  it('keeps work open block by block until somebody commits, and then ends it with that block', () => {
    const world = new World()
    const [trainer] = world.founders as Four
    for (let i = 0; i < 30; i++) world.next()
    expect(world.round).toMatchObject({ number: 1, phase: 'work', phaseEndsAt: 31 })
    world.next([world.sign(trainer, workOf(trainer, 1, 0).commit)])
    expect(world.round).toMatchObject({ number: 1, phase: 'reveal', phaseEndsAt: 34 })
  })

  it('waits for everyone who trained in the round before, but not longer than its limit', () => {
    const world = new World()
    const [first, second, third, vanished] = world.founders as Four
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
    world.next([], [world.base()])
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

  it('does not wait for who has no reputation, unless nobody has any', () => {
    const world = new World()
    const [first, second] = world.founders as Four
    const stranger = person('stranger')
    world.next([world.register(stranger)])
    bringToBase(world, [first, second, stranger])
    world.next([], [world.base()])
    expect(world.round.expected).toEqual([first.address, second.address].sort())
    const alone = new World()
    alone.next([alone.register(stranger)])
    bringToBase(alone, [stranger])
    alone.next([], [alone.base()])
    expect(alone.round.expected).toEqual([stranger.address])
  })

  it('begins anew from the model where nobody trains from a base that the model has not become', () => {
    const world = new World()
    const [alice] = world.founders as Four
    bringToBase(world, [alice])
    world.next([], [world.base()])
    const { base, number, openedAt } = world.round
    const { workLimit } = world.state.parameters.phases
    // No verdicts: the update expires, and the model stays what it was.
    while (world.settling !== undefined || world.state.height < openedAt + workLimit) {
      expect(world.round).toMatchObject({ number, phase: 'work', base })
      world.next()
    }
    while (world.round.number === number) world.next()
    const { parameters } = world.state.models.get(MODEL)!
    expect(parameters).not.toBe(base)
    expect(world.round).toMatchObject({ number: number + 1, phase: 'work', base: parameters })
  })

  it('works with one node alone', () => {
    const world = new World({ founders: 1 })
    const [only] = world.founders as [KeyPair]
    bringToVerify(world, [only])
    expect(world.settling!.updates[0]).toMatchObject({ verifiers: [], trainerWeight: 1_000_000n })
    expect(world.settling!.phase).toBe('disclose')
    world.next([world.sign(only, workOf(only, 1, 0).open)])
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
    expect(world.settling!.updates[0]).toMatchObject({ trainerWeight: 0n })
    judge(world, world.founders, [newcomer])
    discloseAll(world, world.founders, [newcomer])
    expect(world.account(newcomer)!.balance).toBe(1_000_000n)
    world.next([world.sign(newcomer, { type: 'stake', amount: 1_000_000n })], [world.modelUpdate()])
    const [founder] = world.founders as Four
    bringToVerify(world, [founder], 2)
    expect(world.settling!.updates[0]!.verifiers.map(verifier => verifier.address)).toContain(newcomer.address)
    world.next([world.sign(newcomer, verdictOf(newcomer, founder, { round: 2, unit: 0 }))])
    expect(world.account(newcomer)!.lastActive).toBe(world.state.height)
  })
})

describe('a planted claim', () => {
  /** A world where unit 0 of round 1 of somebody is, or is not, one that may seal a false loss. */
  function worldWherePlant(wanted: boolean) {
    for (let time = 1_700_000_000_000; ; time++) {
      const world = new World({ genesis: { time } })
      const [trainer] = world.founders as Four
      const { chainId, beacon } = world.state
      const alpha = plantAlpha({ chainId, model: MODEL, round: 1, unit: 0, beacon })
      const proof = trainer.prove(alpha)
      if (isPlant(verifyVrf(trainer.publicKey, alpha, proof)!) === wanted) return { world, trainer, proof }
    }
  }

  const falseLoss = float32Bits(1.25)

  /** Up to where its claims are to be opened, with a false loss sealed. */
  function sealFalsely(wanted: boolean) {
    const { world, trainer, proof } = worldWherePlant(wanted)
    const others = world.founders.filter(keys => keys !== trainer)
    const work = workOf(trainer, 1, 0)
    const seal = sealOf({
      lossBefore: work.lossBefore,
      lossAfter: falseLoss,
      keysRoot: segmentKeysRoot(work.keys),
    })
    world.next([world.sign(trainer, { ...work.commit, seal } as Action)])
    world.until('reveal')
    world.next([world.sign(trainer, work.reveal)])
    world.next([], [world.base()])
    world.next()
    const open = { ...work.open, lossAfter: falseLoss, planted: { lossAfter: work.lossAfter, proof } }
    return { world, trainer, others, work, open }
  }

  it('is paid like any other, and catches who copied it instead of looking', () => {
    const { world, trainer, others, work, open } = sealFalsely(true)
    const [copier, ...honest] = others
    const copied = findingsOf(trainer, place, SEGMENTS, { lossAfter: falseLoss })
    judge(world, honest, [trainer])
    world.next([world.sign(copier!, verdictOf(copier!, trainer, place, copied))])
    world.next([
      world.sign(trainer, open),
      ...honest.map(keys => world.sign(keys, discloseOf(keys, trainer, place))),
      world.sign(copier!, discloseOf(copier!, trainer, place, copied)),
    ])
    expect(storyOf(world.events, trainer)).toMatchObject({
      outcome: 'disputed',
      planted: true,
      lossAfter: work.lossAfter,
    })
  })

  it('stands when everybody looked', () => {
    const { world, trainer, others, open } = sealFalsely(true)
    judge(world, others, [trainer])
    world.next([world.sign(trainer, open), ...others.map(keys => world.sign(keys, discloseOf(keys, trainer, place)))])
    expect(storyOf(world.events, trainer)).toMatchObject({ outcome: 'accepted', planted: true, reward: 1_000_000n })
  })

  it('is for units that the trainer’s own VRF draws, and for nobody else to open', () => {
    for (const wanted of [false, true]) {
      const { world, trainer, others, open } = sealFalsely(wanted)
      judge(world, others, [trainer])
      const refused = (keys: KeyPair, action: Action, reason: string) =>
        expect(() => world.next([world.sign(keys, action)])).toThrow(expect.objectContaining({ code: reason }))
      if (!wanted) refused(trainer, open, 'PLANT_REFUSED')
      else {
        refused(trainer, { ...open, planted: { ...open.planted, lossAfter: falseLoss } }, 'PLANT_REFUSED')
        refused(trainer, { ...open, planted: { ...open.planted, lossAfter: 0x7fc00000 } }, 'PLANT_REFUSED')
        const other = others[0]!.prove(
          plantAlpha({ chainId: world.state.chainId, model: MODEL, ...place, beacon: world.settling!.beacon }),
        )
        refused(trainer, { ...open, planted: { ...open.planted, proof: other } }, 'PLANT_REFUSED')
        world.next()
        refused(others[0]!, open, 'PLANT_REFUSED')
      }
    }
  })
})

describe('what a sparse update leaves out', () => {
  const recipe = (() => {
    const compression = { type: 'sparse' as const, keepPpm: 10_000, decayPpm: 900_000 }
    return { ...genesisOf([]).models[0]!.recipe, compression }
  })()
  const sparseWorld = () => {
    const models = genesisOf([]).models.map(model => ({ ...model, recipe }))
    return new World({ founders: 1, genesis: { models } })
  }

  /** One round of the only trainer, whose update leaves `residual` out; `opens`: whether it is accepted. */
  function trainRound(world: World, residual: Hash | null, opens = true): void {
    const [alice] = world.founders as [KeyPair]
    const { number } = world.round
    const { payload, traceRoot, commit, reveal, open } = workOf(alice, number, 0)
    const commitment = commitmentOf({ trainer: alice.address, payload, traceRoot, residual })
    world.next([world.sign(alice, { ...commit, commitment } as Action)])
    world.until('reveal')
    world.next([world.sign(alice, { ...reveal, residual } as Action)])
    world.next([], [world.base()])
    world.next()
    if (opens) {
      world.next([world.sign(alice, open)])
      world.next([], [world.modelUpdate()])
    } else while (world.settling !== undefined) world.next()
  }

  it('is for the next unit of its lane once it is accepted; odd and even rounds have lanes of their own', () => {
    const world = sparseWorld()
    const { address } = world.founders[0]!
    const rest = (round: number) => residualOf(world.state, MODEL, round, address, 0)
    trainRound(world, digestOf('rest 1'))
    expect([rest(2), rest(3)]).toEqual([null, digestOf('rest 1')])
    expect(openWork(world.state, address)).toMatchObject([{ round: 2, residual: null }])
    trainRound(world, digestOf('rest 2'))
    expect([rest(3), rest(4)]).toEqual([digestOf('rest 1'), digestOf('rest 2')])
    expect(openWork(world.state, address)).toMatchObject([{ round: 3, residual: digestOf('rest 1') }])
    // One that nobody accepts changes nothing: the next takes up what the last accepted left.
    trainRound(world, digestOf('rest 3'), false)
    expect(rest(5)).toBe(digestOf('rest 1'))
    trainRound(world, digestOf('rest 4'))
    world.next([world.sign(world.founders[0]!, workOf(world.founders[0]!, 5, 0).commit)])
    expect(world.round.updates[0]!.residualBefore).toBe(digestOf('rest 1'))
    expect(decodeState(encodeState(world.state))).toEqual(world.state)
  })

  it('is forgotten when nobody takes it up for eight rounds', () => {
    const world = sparseWorld()
    trainRound(world, digestOf('rest 1'))
    const { round, state } = world
    const old = { ...round, number: 9 }
    for (const [number, left] of [
      [8, 1],
      [9, 0],
    ]) {
      const draft = Draft.over(state, { ...state, height: state.height + 1 })
      openNextRound(draft, { ...old, number: number! }, digestOf('base'))
      expect([...draft.residuals.entries()]).toHaveLength(left!)
    }
  })

  it('is named with a sparse update and with no other', () => {
    for (const [world, residual] of [
      [sparseWorld(), null],
      [new World({ founders: 1 }), digestOf('rest')],
    ] as const) {
      expect(() => trainRound(world, residual)).toThrow(expect.objectContaining({ code: 'RESIDUAL_REFUSED' }))
    }
  })
})

describe('what is due', () => {
  it('follows a round: work, reveal, base, verdicts, openings, aggregation', () => {
    const world = new World()
    const [trainer, verifier, ...others] = world.founders as Four
    const work = workOf(trainer, 1, 0)
    const { state: start } = world
    const place1 = { model: MODEL, round: 1, beacon: start.beacon, base: digestOf('parameters') }
    expect(openWork(start, trainer.address)).toEqual([
      { ...place1, openedAt: 0, sureUntil: 4, until: 20, unit: 0, residual: null, reason: null },
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
    expect(resultsDue(world.state)).toEqual([])
    world.until('base')
    const updates = [{ index: 0, trainer: trainer.address, unit: 0, payload: work.payload, payloadBytes: 1000 }]
    const aggregated = { model: MODEL, round: 1, parameters: digestOf('parameters'), momentum: digestOf('momentum') }
    expect(resultsDue(world.state)).toMatchObject([{ type: 'base', ...aggregated, updates }])
    world.next([], [world.base()])
    expect(verificationDuties(world.state, verifier.address)).toEqual([])
    world.next()
    const [duty] = verificationDuties(world.state, verifier.address)
    const { drawBeacon, heldOutLoss } = world.settling!
    expect(duty).toMatchObject({ ...place1, drawBeacon, heldOutLoss, update: { reveal: { payload: work.payload } } })
    expect(heldOutLoss).toBe(float32Bits(2.3))
    expect(verificationDuties(world.state, trainer.address)).toEqual([])
    // The next round is open for work all the while.
    expect(openWork(world.state, trainer.address)).toMatchObject([{ round: 2, base: digestOf('b1'), unit: 0 }])
    world.next([world.sign(verifier, verdictOf(verifier, trainer, place))])
    expect(verificationDuties(world.state, verifier.address)).toEqual([])
    expect(opensDue(world.state, trainer.address)).toEqual([])
    judge(world, others, [trainer])
    expect(world.settling!.phase).toBe('disclose')
    expect(opensDue(world.state, trainer.address)).toHaveLength(1)
    expect(opensDue(world.state, verifier.address)).toEqual([])
    expect(disclosuresDue(world.state, verifier.address)).toMatchObject([{ verdict: { verifier: verifier.address } }])
    world.next([world.sign(verifier, discloseOf(verifier, trainer, place))])
    expect(disclosuresDue(world.state, verifier.address)).toEqual([])
    expect(opensDue(world.state, verifier.address)).toHaveLength(1)
    world.next([
      world.sign(trainer, work.open),
      ...others.map(keys => world.sign(keys, discloseOf(keys, trainer, place))),
    ])
    expect(opensDue(world.state, trainer.address)).toEqual([])
    expect(resultsDue(world.state)).toMatchObject([{ type: 'model', ...aggregated, updates }])
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
