import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DEFAULT_PARAMETERS } from '../src/index.ts'
import {
  Arena,
  addressAt,
  type Conduct,
  type Ending,
  HONEST_TRAINER,
  type Lie,
  leak,
  type Setting,
  TRAINER,
  type Trainer,
  type Verifier,
} from './arena.ts'

const { moveBlocks, rulingBlocks } = DEFAULT_PARAMETERS.disputes
/** Four picks and three narrowings bring 100,000 steps down to one, then comes a ruling: see docs/proof-of-training.md. */
const CHALLENGE_BLOCKS = 7 * moveBlocks + 2 * rulingBlocks
const bound = (challengers: number) => rulingBlocks + challengers * CHALLENGE_BLOCKS

const HYDRA = 1_000_000n
const HONEST: Verifier = { conduct: 'honest', segments: null, lie: 'agree', stake: 100n * HYDRA }
const liar = (lie: Lie, stake = 100n * HYDRA): Verifier => ({ conduct: 'liar', segments: null, lie, stake })

/** A cheap generator of its own: thousands of draws a game. */
function chanceOf(seed: number): (n: number) => number {
  let state = seed >>> 0
  return n => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 0x100000000) * n)
  }
}

const settingOf = (change: Partial<Setting> = {}): Setting => ({
  ...{ steps: 1000, every: 100, trainer: HONEST_TRAINER, trainerStake: 200n * HYDRA, exposure: 50n * HYDRA },
  ...{ verifiers: [HONEST], chance: chanceOf(1), ...change },
})

const play = (change: Partial<Setting>): Ending => new Arena(settingOf(change)).play()

const lengths = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 100_000 })).chain(steps =>
  fc.record({
    steps: fc.constant(steps),
    every: fc.integer({ min: Math.ceil(steps / 64), max: steps }),
    seed: fc.nat(),
  }),
)
const lies = fc.constantFrom<Lie>('agree', 'light', 'trace', 'copied-trace', 'seal', 'key')
const stakes = fc.bigInt({ min: 0n, max: 20n * HYDRA })
/** Some replay all, some a beginning, some nothing. */
const parts = fc.constantFrom(null, null, 0, 1, 3)
const verifierOf = (conducts: readonly Conduct[]): fc.Arbitrary<Verifier> =>
  fc.record({ conduct: fc.constantFrom(...conducts), segments: parts, lie: lies, stake: stakes })
const anyone = fc.array(verifierOf(['honest', 'away', 'liar']), { minLength: 1, maxLength: 5 })
const runs = { numRuns: 300 }

/** No stake, no reputation lost, and not called wrong. */
function expectUnharmed(arena: Arena, ending: Ending): void {
  const { trainer, verifiers, trainerStake } = arena.setting
  if (trainer.conduct !== 'liar') expect(ending.state.accounts.get(TRAINER)!.stake).toBe(trainerStake)
  for (const [i, { conduct, stake }] of verifiers.entries()) {
    if (conduct === 'liar') continue
    expect(ending.state.accounts.get(addressAt(i))).toMatchObject({ stake })
    expect(ending.state.accounts.get(addressAt(i))!.reputation).toBeGreaterThanOrEqual(60)
    expect(ending.judgements.find(({ verifier }) => verifier === addressAt(i))?.judgement ?? 'stood').not.toBe('wrong')
  }
  expect(leak(ending.state)).toBe(0n)
}

function lostByVerdicts({ events }: Ending): bigint {
  return events.reduce((sum, event) => sum + (event.type === 'verdict-slash' ? event.amount : 0n), 0n)
}

/** A false trainer of any kind over so many segments, by chance. */
function falseTrainer(seed: number, segments: number, opens: boolean): Trainer {
  const chance = chanceOf(seed)
  const kinds = [
    { falseFrom: chance(segments) },
    { falseSeal: true },
    ...(opens ? [{ falseKey: chance(segments) }, { falseLoss: true }] : []),
  ]
  return { ...HONEST_TRAINER, conduct: 'liar', opens, ...kinds[chance(kinds.length)]! }
}

describe('any dispute', () => {
  it('ends within its bound, whoever lies or falls silent and whether anybody rules, and the money adds up', () => {
    const property = fc.property(lengths, anyone, fc.boolean(), fc.boolean(), (length, verifiers, rules, opens) => {
      const { steps, every, seed } = length
      const chance = chanceOf(seed)
      const trainer = falseTrainer(seed, Math.ceil(steps / every), opens)
      const arena = new Arena(settingOf({ steps, every, chance, trainer, verifiers, rules }))
      const ending = arena.play()
      expect(ending.outcome).not.toBe('disputed')
      expect(ending.blocks).toBeLessThanOrEqual(bound(verifiers.length))
      expectUnharmed(arena, ending)
    })
    fc.assert(property, runs)
  })

  it('comes from any length of segment to one step in four picks and three narrowings', () => {
    for (const steps of [1, 2, 32, 33, 1024, 1025, 32_768, 32_769, 99_999, 100_000]) {
      const trainer: Trainer = { ...HONEST_TRAINER, conduct: 'liar', falseFrom: 0 }
      // The liar answers at the last moment, the challenger at once.
      const { events, outcome } = play({ steps, every: steps, trainer, chance: n => n - 1 })
      const asked = events.flatMap(event => (event.type === 'dispute' ? [event.question] : []))
      expect(asked.filter(question => question === 'pick').length).toBeLessThanOrEqual(4)
      expect(asked.filter(question => question === 'narrow').length).toBeLessThanOrEqual(3)
      expect(outcome).toBe('refuted')
    }
  })
})

describe('an honest challenger', () => {
  it('wins against any lying trainer, whatever other verifiers say and do', () => {
    const property = fc.property(
      lengths,
      fc.array(verifierOf(['liar']), { maxLength: 4 }),
      fc.boolean(),
      fc.nat(4),
      ({ steps, every, seed }, others, opens, place) => {
        const trainer = falseTrainer(seed, Math.ceil(steps / every), opens)
        const verifiers = others.toSpliced(Math.min(place, others.length), 0, { ...HONEST, stake: HYDRA })
        const arena = new Arena(settingOf({ steps, every, chance: chanceOf(seed), trainer, verifiers }))
        const ending = arena.play()
        expect(ending.outcome).toBe('refuted')
        const { stake, reputation, balance } = ending.state.accounts.get(TRAINER)!
        expect({ stake, reputation }).toEqual({ stake: 150n * HYDRA, reputation: 0 })
        // Nothing is minted for it: what it may get is part of what liars lost who had spoken against it before.
        expect(2n * balance).toBeLessThanOrEqual(lostByVerdicts(ending))
        const found = ending.state.accounts.get(addressAt(verifiers.findIndex(({ conduct }) => conduct === 'honest')))!
        expect(found.balance).toBeGreaterThanOrEqual((25n * HYDRA) / BigInt(verifiers.length))
        expectUnharmed(arena, ending)
      },
    )
    fc.assert(property, runs)
  })

  it('that falls silent once it has spoken is not made a liar, and the update is not paid', () => {
    const property = fc.property(lengths, ({ steps, every, seed }) => {
      const trainer = falseTrainer(seed, Math.ceil(steps / every), true)
      const verifiers: Verifier[] = [{ ...HONEST, conduct: 'away' }]
      const arena = new Arena(settingOf({ steps, every, chance: chanceOf(seed), trainer, verifiers }))
      const ending = arena.play()
      expect(['refuted', 'expired']).toContain(ending.outcome)
      expectUnharmed(arena, ending)
    })
    fc.assert(property, { numRuns: 100 })
  })

  it('proves a trainer wrong whose training came to nothing finite', () => {
    for (const divergesAt of [1, 50, 100, 101, 777, 1000]) {
      const falseFrom = Math.ceil(divergesAt / 100) - 1
      const trainer: Trainer = { ...HONEST_TRAINER, conduct: 'liar', falseFrom }
      for (let seed = 0; seed < 10; seed++) {
        const arena = new Arena(settingOf({ divergesAt, trainer, chance: chanceOf(seed) }))
        const ending = arena.play()
        expect(ending.outcome).toBe('refuted')
        expectUnharmed(arena, ending)
      }
    }
  })
})

describe('an honest trainer', () => {
  it('wins against any challengers: paid in full, and half of what the liars lose', () => {
    const verifiers = fc.array(verifierOf(['honest', 'away', 'liar']), { minLength: 1, maxLength: 5 })
    const property = fc.property(lengths, verifiers, ({ steps, every, seed }, verifiers) => {
      const arena = new Arena(settingOf({ steps, every, chance: chanceOf(seed), verifiers }))
      const ending = arena.play()
      expectUnharmed(arena, ending)
      if (ending.outcome === null) return
      expect(ending.outcome).toBe('accepted')
      const { balance, reputation } = ending.state.accounts.get(TRAINER)!
      expect(balance).toBeGreaterThanOrEqual(HYDRA + lostByVerdicts(ending) / 2n - BigInt(verifiers.length))
      expect(reputation).toBe(61)
    })
    fc.assert(property, runs)
  })

  it('that is away loses nothing to a false challenge, which loses when the stretch is run', () => {
    const property = fc.property(lengths, lies, ({ steps, every, seed }, lie) => {
      const trainer: Trainer = { ...HONEST_TRAINER, conduct: 'away' }
      const verifiers = [liar(lie), HONEST]
      const arena = new Arena(settingOf({ steps, every, chance: chanceOf(seed), trainer, verifiers }))
      const ending = arena.play()
      expectUnharmed(arena, ending)
      if (ending.outcome !== null) expect(ending.outcome).toBe('accepted')
    })
    fc.assert(property, runs)
  })
})

describe('hostile cases', () => {
  const lying: Trainer = { ...HONEST_TRAINER, conduct: 'liar', falseFrom: 4 }
  const stakeOf = ({ state }: Ending, index: number) => state.accounts.get(addressAt(index))!.stake

  it('a sham challenge before an honest one shields nobody: it loses, and the next is heard', () => {
    for (const lie of ['trace', 'copied-trace', 'seal', 'key', 'light'] as const) {
      for (let seed = 0; seed < 20; seed++) {
        const ending = play({ trainer: lying, verifiers: [liar(lie), HONEST], chance: chanceOf(seed) })
        expect(ending.outcome).toBe('refuted')
        const { balance } = ending.state.accounts.get(addressAt(1))!
        expect(balance).toBeGreaterThanOrEqual(12n * HYDRA)
      }
    }
  })

  it('a trainer that loses to a friend on purpose takes no honest verifier with it', () => {
    // The trace is true; the friend shows true states and one false end, the trainer denies a true one.
    for (let seed = 0; seed < 40; seed++) {
      const trainer: Trainer = { ...HONEST_TRAINER, conduct: 'liar' }
      const verifiers = [liar('trace'), HONEST, HONEST]
      const arena = new Arena(settingOf({ trainer, verifiers, chance: chanceOf(seed) }))
      const ending = arena.play()
      expectUnharmed(arena, ending)
      if (ending.judgements.find(({ verifier }) => verifier === addressAt(0))?.judgement === 'wrong')
        expect(stakeOf(ending, 0)).toBe(95n * HYDRA)
    }
  })

  it('verifiers who agree with a false trace are found out once somebody else is upheld', () => {
    for (let seed = 0; seed < 20; seed++) {
      const verifiers = [liar('agree'), liar('agree'), HONEST]
      const ending = play({ trainer: lying, verifiers, chance: chanceOf(seed) })
      expect(ending.judgements.map(({ judgement }) => judgement)).toEqual(['wrong', 'wrong', 'stood'])
      expect([stakeOf(ending, 0), stakeOf(ending, 1), stakeOf(ending, 2)]).toEqual([95n, 95n, 100n].map(x => x * HYDRA))
    }
  })

  it('all verifiers may be wrong: the truth is computed, not voted', () => {
    const ending = play({ verifiers: [liar('light'), liar('light'), liar('light')] })
    expect(ending.outcome).toBe('accepted')
    expect(ending.judgements.map(({ judgement }) => judgement)).toEqual(['wrong', 'wrong', 'wrong'])
    expect(ending.state.accounts.get(TRAINER)!.balance).toBe(HYDRA + (3n * (5n * HYDRA)) / 2n)
  })

  it('a copied plant convicts who copied it, not who planted it', () => {
    // The seal held a false loss; `claims` has the true one by now, the copier disclosed what was leaked.
    const arena = new Arena(settingOf({ verifiers: [HONEST, liar('light')] }))
    const ending = arena.play()
    expect(ending.outcome).toBe('accepted')
    expect(ending.judgements.map(({ judgement }) => judgement)).toEqual(['stood', 'wrong'])
  })

  it('the bounty is shared by all who found the same, so a friend among them cannot take it all back', () => {
    const ending = play({ trainer: lying, verifiers: [HONEST, HONEST, HONEST, HONEST, HONEST] })
    const slash = ending.events.find(event => event.type === 'unit-slash')
    expect(slash).toMatchObject({ account: TRAINER, amount: 50n * HYDRA, burnt: 25n * HYDRA })
    for (let i = 0; i < 5; i++) expect(ending.state.accounts.get(addressAt(i))!.balance).toBe(5n * HYDRA + 350_000n)
  })

  it('who has less at stake than the penalty loses all of it, and is not heard again', () => {
    const ending = play({ verifiers: [liar('seal', 3n * HYDRA), HONEST] })
    expect(stakeOf(ending, 0)).toBe(0n)
    const broke = play({ verifiers: [liar('seal', 999_999n), HONEST] })
    expect(broke.outcome).toBe('accepted')
    expect(broke.events.filter(event => event.type === 'ruling')).toEqual([])
    expect(broke.judgements[0]!.judgement).toBe('open')
  })

  it('a slash that leaves less than the least stake leaves it to be taken back', () => {
    const ending = play({ trainer: lying, trainerStake: 50n * HYDRA + 1n })
    expect(ending.state.accounts.get(TRAINER)!.stake).toBe(1n)
  })

  it('nobody who knows can answer: the question lapses, and nobody is punished or paid', () => {
    const ending = play({ trainer: lying, verifiers: [HONEST, HONEST], rules: false })
    expect(ending.outcome).toBe('expired')
    expect(ending.judgements.map(({ judgement }) => judgement)).toEqual(['open', 'open'])
    expect(ending.events.filter(({ type }) => /slash|reward|bounty|reputation/.test(type))).toEqual([])
  })
})
