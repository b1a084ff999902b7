import type { Hash } from '@hydraai/core'
import { describe, expect, test } from 'vitest'
import { CHAIN, committeeOf, keysOf, proposerIndex, signVote, UNCHECKED, value } from '../test/fixtures.ts'
import { verifyCommit } from './commit.ts'
import { commitOf, driverStep, MAX_ROUNDS_AHEAD } from './driver.ts'
import type { DriverEffect, DriverInput, DriverState } from './driverState.ts'
import type { TimeoutKind } from './timeout.ts'
import type { VoteType } from './vote.ts'

const keys = keysOf(4)
const committee = committeeOf(keys)
const [A, B] = [value('a'), value('b')]
const H = 10
/** Validators in the order of their turns: `order[r]` proposes in round r of height H. */
const order = [0, 1, 2, 3].map(round => keys[proposerIndex(committee, H, round)]!)

/** The driver of one validator, fed by hand. Own votes come back as they would from the host. */
class Rig {
  state: DriverState
  effects: DriverEffect[]
  readonly self: (typeof keys)[number]

  constructor(turn: number) {
    this.self = order[turn]!
    const started = driverStep(null, { type: 'StartHeight', height: H, committee, self: this.self.address })
    this.state = started.state
    this.effects = started.effects
  }

  /** Feeds the input; gives what it caused, own votes fed back included. */
  feed(input: DriverInput): DriverEffect[] {
    const { state, effects } = driverStep(this.state, input)
    this.state = state
    const all = [...effects]
    for (const effect of effects) {
      if (effect.type === 'SignVote') {
        all.push(...this.feed({ type: 'Vote', vote: { ...effect.vote, signature: UNCHECKED } }))
      }
    }
    return all
  }

  propose(round: number, valueId: Hash, validRound = -1, valid = true): DriverEffect[] {
    const proposer = order[round % 4]!.address
    return this.feed({
      type: 'Proposal',
      proposal: { height: H, round, valueId, validRound, proposer, signature: UNCHECKED },
      valid,
    })
  }

  /** Votes of other validators, named by the round in which it is their turn. */
  votes(type: VoteType, round: number, valueId: Hash | null, ...turns: number[]): DriverEffect[] {
    return turns.flatMap(turn =>
      this.feed({
        type: 'Vote',
        vote: { type, height: H, round, valueId, validator: order[turn]!.address, signature: UNCHECKED },
      }),
    )
  }

  timeout(kind: TimeoutKind, round: number): DriverEffect[] {
    return this.feed({ type: 'Timeout', timeout: { kind, height: H, round } })
  }

  get machine() {
    return this.state.machine
  }
}

function votesIn(effects: DriverEffect[]): [VoteType, number, Hash | null][] {
  return effects.flatMap(effect =>
    effect.type === 'SignVote' ? [[effect.vote.type, effect.vote.round, effect.vote.valueId]] : [],
  )
}

function typesIn(effects: DriverEffect[]): string[] {
  return effects.map(effect => (effect.type === 'ScheduleTimeout' ? effect.timeout.kind : effect.type))
}

describe('a round that goes well', () => {
  test('line 11-19: the proposer enters the round, asks for a value and proposes it once', () => {
    const rig = new Rig(0)
    const proposer = order[0]!.address
    expect(rig.effects).toEqual([
      { type: 'EnterRound', height: H, round: 0, proposer },
      { type: 'GetValue', height: H, round: 0 },
      { type: 'ScheduleTimeout', timeout: { kind: 'propose', height: H, round: 0 } },
    ])
    const ready: DriverInput = { type: 'ValueReady', height: H, round: 0, valueId: A }
    expect(rig.feed(ready)).toEqual([
      { type: 'SignProposal', proposal: { height: H, round: 0, valueId: A, validRound: -1, proposer } },
    ])
    expect(rig.feed({ ...ready, valueId: B })).toEqual([])
  })

  test('line 20-54: proposal, prevote, precommit, decision', () => {
    const rig = new Rig(1)
    expect(typesIn(rig.effects)).toEqual(['EnterRound', 'propose'])
    expect(votesIn(rig.propose(0, A))).toEqual([['prevote', 0, A]])
    expect(votesIn(rig.votes('prevote', 0, A, 0, 2))).toEqual([['precommit', 0, A]])
    const effects = rig.votes('precommit', 0, A, 2, 0)
    expect(effects).toHaveLength(1)
    expect(effects[0]).toMatchObject({ type: 'Decide', height: H, round: 0, valueId: A })
  })

  test('a value that is late, of another round or not asked for is not proposed', () => {
    const rig = new Rig(0)
    expect(rig.feed({ type: 'ValueReady', height: H, round: 1, valueId: A })).toEqual([])
    expect(rig.feed({ type: 'ValueReady', height: H - 1, round: 0, valueId: A })).toEqual([])
    rig.timeout('propose', 0)
    expect(rig.feed({ type: 'ValueReady', height: H, round: 0, valueId: A })).toEqual([])
    expect(new Rig(1).feed({ type: 'ValueReady', height: H, round: 0, valueId: A })).toEqual([])
  })

  test('a validator alone decides by itself through the same inputs', () => {
    const alone = committeeOf([keys[0]!])
    let { state, effects } = driverStep(null, {
      type: 'StartHeight',
      height: 1,
      committee: alone,
      self: keys[0]!.address,
    })
    const queue = [...effects]
    const decided: DriverEffect[] = []
    for (let effect = queue.shift(); effect !== undefined; effect = queue.shift()) {
      let input: DriverInput | null = null
      if (effect.type === 'GetValue') input = { ...effect, type: 'ValueReady', valueId: A }
      else if (effect.type === 'SignProposal') {
        input = { type: 'Proposal', proposal: { ...effect.proposal, signature: UNCHECKED }, valid: true }
      } else if (effect.type === 'SignVote') input = { type: 'Vote', vote: signVote(keys[0]!, effect.vote) }
      else if (effect.type === 'Decide') decided.push(effect)
      if (input === null) continue
      ;({ state, effects } = driverStep(state, input))
      queue.push(...effects)
    }
    expect(decided).toMatchObject([{ round: 0, valueId: A }])
    verifyCommit(CHAIN, alone, commitOf(state)!)
  })

  test('one who only watches, or is not in the committee, decides and signs nothing', () => {
    for (const self of [null, keysOf(5).find(({ address }) => !keys.some(key => key.address === address))!.address]) {
      let { state } = driverStep(null, { type: 'StartHeight', height: H, committee, self })
      const seen: DriverEffect[] = []
      const proposal = { height: H, round: 0, valueId: A, validRound: -1, proposer: order[0]!.address }
      const inputs: DriverInput[] = [{ type: 'Proposal', proposal: { ...proposal, signature: UNCHECKED }, valid: true }]
      for (const type of ['prevote', 'precommit'] as const) {
        for (const { address: validator } of order.slice(0, 3)) {
          const vote = { type, height: H, round: 0, valueId: A, validator, signature: UNCHECKED }
          inputs.push({ type: 'Vote', vote })
        }
      }
      for (const input of inputs) {
        const result = driverStep(state, input)
        state = result.state
        seen.push(...result.effects)
      }
      expect(typesIn(seen)).toEqual(['Decide'])
    }
  })
})

describe('lines 22 to 33: the proposal', () => {
  test('line 26: an invalid proposal gets a prevote for nil', () => {
    expect(votesIn(new Rig(1).propose(0, A, -1, false))).toEqual([['prevote', 0, null]])
  })

  test('a proposal that came before its round began is voted on when it begins', () => {
    const rig = new Rig(3)
    expect(rig.propose(1, A)).toEqual([])
    const effects = rig.votes('prevote', 1, A, 0, 1)
    expect(typesIn(effects).slice(0, 2)).toEqual(['EnterRound', 'propose'])
    expect(votesIn(effects)).toEqual([
      ['prevote', 1, A],
      ['precommit', 1, A],
    ])
  })

  test('line 28: a re-proposal without its polka keeps the propose timer running; the polka lets it be voted on', () => {
    const rig = new Rig(3)
    rig.timeout('propose', 0)
    rig.votes('precommit', 0, null, 0, 1, 2)
    rig.timeout('precommit', 0)
    expect(rig.propose(1, A, 0)).toEqual([])
    expect(rig.machine).toMatchObject({ round: 1, step: 'propose' })
    expect(votesIn(rig.votes('prevote', 0, A, 0, 1, 2))).toEqual([['prevote', 1, A]])
  })

  test('line 28, 57: when that polka never comes, the propose timer ends the wait', () => {
    const rig = new Rig(3)
    rig.votes('precommit', 0, null, 0, 1, 2)
    rig.timeout('precommit', 0)
    rig.propose(1, A, 0)
    expect(votesIn(rig.timeout('propose', 1))).toEqual([['prevote', 1, null]])
  })

  test('line 32: an invalid re-proposal is voted nil once its polka is there', () => {
    const rig = new Rig(3)
    rig.votes('precommit', 0, null, 0, 1, 2)
    rig.timeout('precommit', 0)
    expect(rig.propose(1, A, 0, false)).toEqual([])
    expect(votesIn(rig.votes('prevote', 0, A, 0, 1, 2))).toEqual([['prevote', 1, null]])
  })

  test('a proposal of another than the proposer, or with an impossible valid round, is ignored', () => {
    const rig = new Rig(1)
    const proposal = { height: H, round: 0, valueId: A, validRound: -1, signature: UNCHECKED }
    for (const turn of [1, 2, 3]) {
      expect(
        rig.feed({ type: 'Proposal', proposal: { ...proposal, proposer: order[turn]!.address }, valid: true }),
      ).toEqual([])
    }
    expect(rig.propose(0, A, 0)).toEqual([])
    expect(rig.propose(0, A, 1)).toEqual([])
    expect(rig.propose(0, A, -2)).toEqual([])
    expect(rig.state.proposals).toEqual([])
  })

  test('the first proposal of a round is voted on; however many follow, one more is kept', () => {
    const rig = new Rig(1)
    expect(votesIn(rig.propose(0, A))).toEqual([['prevote', 0, A]])
    for (let i = 0; i < 50; i++) expect(rig.propose(0, value(`other ${i}`))).toEqual([])
    expect(rig.state.proposals).toHaveLength(1)
    expect(rig.state.proposals[0]!.other!.proposal.valueId).toBe(value('other 0'))
  })

  test('line 49: who got the wrong one of an equivocating proposer decides with the others all the same', () => {
    const rig = new Rig(1)
    rig.propose(0, A)
    for (let i = 0; i < 3; i++) rig.propose(0, value(`other ${i}`))
    expect(votesIn(rig.votes('prevote', 0, B, 0, 2, 3))).toEqual([])
    rig.votes('precommit', 0, B, 0, 2, 3)
    expect(rig.propose(0, B)).toMatchObject([{ type: 'Decide', valueId: B }])
  })

  test('line 22 alone asks for the time: an untimely value gets nil, and is locked and decided with the others', () => {
    const rig = new Rig(1)
    const proposal = { height: H, round: 0, valueId: A, validRound: -1, proposer: order[0]!.address }
    const untimely = { proposal: { ...proposal, signature: UNCHECKED }, valid: true, timely: false }
    expect(votesIn(rig.feed({ type: 'Proposal', ...untimely }))).toEqual([['prevote', 0, null]])
    expect(votesIn(rig.votes('prevote', 0, A, 0, 2, 3))).toEqual([['precommit', 0, A]])
    expect(rig.votes('precommit', 0, A, 0, 2, 3)).toMatchObject([{ type: 'Decide', valueId: A }])
  })

  test('a value that was judged invalid because it had not come can be judged again', () => {
    const rig = new Rig(1)
    rig.propose(0, A, -1, false)
    rig.votes('precommit', 0, A, 0, 2, 3)
    expect(rig.propose(0, A, -1, false)).toEqual([])
    expect(rig.propose(0, A, -1, true)).toMatchObject([{ type: 'Decide', valueId: A }])
  })
})

describe('lines 34 to 48: the votes', () => {
  test('line 34: the prevote timer starts once, and only in the prevote step', () => {
    const rig = new Rig(1)
    expect(typesIn(rig.votes('prevote', 0, A, 0, 2))).toEqual([])
    expect(typesIn(rig.votes('prevote', 0, B, 3))).toEqual([])
    expect(typesIn(rig.timeout('propose', 0))).toEqual(['SignVote', 'prevote'])
    expect(rig.propose(0, A)).toEqual([])
    expect(votesIn(rig.timeout('prevote', 0))).toEqual([['precommit', 0, null]])
  })

  test('line 36: it locks, in one go, when the polka came before the proposal', () => {
    const rig = new Rig(1)
    rig.votes('prevote', 0, A, 0, 2, 3)
    expect(votesIn(rig.propose(0, A))).toEqual([
      ['prevote', 0, A],
      ['precommit', 0, A],
    ])
    expect(rig.machine).toMatchObject({ lockedValue: A, lockedRound: 0, validValue: A, validRound: 0 })
  })

  test('line 36: a polka for an invalid value does nothing', () => {
    const rig = new Rig(1)
    rig.propose(0, A, -1, false)
    expect(votesIn(rig.votes('prevote', 0, A, 0, 2, 3))).toEqual([])
    expect(rig.machine).toMatchObject({ step: 'prevote', lockedValue: null, validValue: null })
  })

  test('line 36: two thirds exactly are no polka', () => {
    const six = keysOf(6)
    const wide = committeeOf(six)
    const proposer = six[proposerIndex(wide, H, 0)]!.address
    let { state } = driverStep(null, { type: 'StartHeight', height: H, committee: wide, self: null })
    const feed = (input: DriverInput) => {
      state = driverStep(state, input).state
    }
    const proposal = { height: H, round: 0, valueId: A, validRound: -1, proposer, signature: UNCHECKED }
    feed({ type: 'Proposal', proposal, valid: true })
    const prevote = (i: number) =>
      feed({ type: 'Vote', vote: signVote(six[i]!, { type: 'prevote', height: H, round: 0, valueId: A }) })
    for (const i of [0, 1, 2, 3]) prevote(i)
    expect(state.machine).toMatchObject({ step: 'prevote', lockedRound: -1 })
    prevote(4)
    expect(state.machine).toMatchObject({ step: 'precommit', lockedRound: 0 })
  })

  test('line 42: a polka that comes after the precommit for nil sets the valid value, which is proposed later', () => {
    const rig = new Rig(1)
    rig.propose(0, A)
    rig.votes('prevote', 0, null, 2)
    rig.votes('prevote', 0, A, 0)
    expect(votesIn(rig.timeout('prevote', 0))).toEqual([['precommit', 0, null]])
    rig.votes('prevote', 0, A, 3)
    expect(rig.machine).toMatchObject({ lockedValue: null, lockedRound: -1, validValue: A, validRound: 0 })
    rig.votes('precommit', 0, null, 2, 3)
    const effects = rig.timeout('precommit', 0)
    expect(effects.map(({ type }) => type)).toEqual(['EnterRound', 'SignProposal', 'ScheduleTimeout'])
    expect(effects[1]).toMatchObject({ proposal: { round: 1, valueId: A, validRound: 0 } })
  })

  test('line 44: a polka for nil precommits nil at once, and unlocks nothing', () => {
    const rig = new Rig(3)
    rig.propose(0, A)
    rig.votes('prevote', 0, A, 0, 1)
    rig.votes('precommit', 0, null, 0, 1, 2)
    rig.timeout('precommit', 0)
    expect(votesIn(rig.propose(1, B))).toEqual([['prevote', 1, null]])
    expect(votesIn(rig.votes('prevote', 1, null, 0, 2))).toEqual([['precommit', 1, null]])
    expect(rig.machine).toMatchObject({ lockedValue: A, lockedRound: 0 })
    rig.votes('precommit', 1, null, 0, 1)
    rig.timeout('precommit', 1)
    expect(votesIn(rig.propose(2, B))).toEqual([['prevote', 2, null]])
  })

  test('line 29: a lock gives way to a later polka for another value', () => {
    const rig = new Rig(3)
    rig.propose(0, A)
    rig.votes('prevote', 0, A, 0, 1)
    expect(rig.machine.lockedValue).toBe(A)
    rig.votes('precommit', 0, null, 0, 1, 2)
    rig.timeout('precommit', 0)
    rig.timeout('propose', 1)
    rig.votes('prevote', 1, B, 0, 1, 2)
    rig.votes('precommit', 1, null, 0, 1, 2)
    rig.timeout('precommit', 1)
    expect(rig.machine.lockedValue).toBe(A)
    expect(votesIn(rig.propose(2, B, 1))).toEqual([['prevote', 2, B]])
    rig.votes('prevote', 2, B, 0, 1)
    expect(rig.machine).toMatchObject({ lockedValue: B, lockedRound: 2 })
  })

  test('line 47: the precommit timer starts once, at any step', () => {
    const rig = new Rig(1)
    expect(typesIn(rig.votes('precommit', 0, null, 0, 2, 3))).toEqual(['precommit'])
    expect(rig.machine.step).toBe('propose')
    expect(typesIn(rig.timeout('propose', 0))).toEqual(['SignVote'])
  })

  test('line 65: the precommit timer ends the round', () => {
    const rig = new Rig(1)
    rig.votes('precommit', 0, null, 0, 2, 3)
    expect(typesIn(rig.timeout('precommit', 0))).toEqual(['EnterRound', 'GetValue', 'propose'])
    expect(rig.timeout('precommit', 0)).toEqual([])
  })

  test('"for the first time" is for each round anew', () => {
    const rig = new Rig(3)
    for (const round of [0, 1, 2]) {
      expect(typesIn(rig.votes('precommit', round, null, 0, 1, 2))).toContain('precommit')
      rig.timeout('precommit', round)
    }
    expect(rig.machine.round).toBe(3)
  })
})

describe('line 49: the decision', () => {
  test('for a past round, when its precommits come late', () => {
    const rig = new Rig(3)
    rig.propose(0, A)
    expect(votesIn(rig.timeout('prevote', 0))).toEqual([['precommit', 0, null]])
    rig.votes('precommit', 0, A, 1, 2)
    rig.timeout('precommit', 0)
    rig.votes('prevote', 3, null, 0, 1)
    expect(rig.machine.round).toBe(3)
    expect(rig.votes('precommit', 0, A, 0)).toMatchObject([{ type: 'Decide', round: 0, valueId: A }])
  })

  test('for a round to come, without going through it', () => {
    const rig = new Rig(3)
    rig.propose(2, A)
    rig.votes('precommit', 2, A, 0)
    const effects = rig.votes('precommit', 2, A, 1, 2)
    expect(effects.at(-1)).toMatchObject({ type: 'Decide', round: 2, valueId: A })
  })

  test('waits for the proposal, also when the commit is complete', () => {
    const rig = new Rig(3)
    expect(typesIn(rig.votes('precommit', 0, A, 0, 1, 2))).toEqual(['precommit'])
    expect(rig.propose(0, A)).toMatchObject([{ type: 'Decide', round: 0, valueId: A }])
  })

  test('never for nil, for an invalid value, or with two thirds exactly', () => {
    const rig = new Rig(3)
    rig.propose(0, A, -1, false)
    expect(typesIn(rig.votes('precommit', 0, A, 0, 1, 2))).not.toContain('Decide')
    const other = new Rig(3)
    other.propose(0, A)
    expect(typesIn(other.votes('precommit', 0, null, 0, 1, 2))).not.toContain('Decide')
  })

  test('comes once, with a commit that verifies; precommits that come later are added to it', () => {
    let { state } = driverStep(null, { type: 'StartHeight', height: H, committee, self: null })
    const effects: DriverEffect[] = []
    const feed = (input: DriverInput) => {
      const result = driverStep(state, input)
      state = result.state
      effects.push(...result.effects)
    }
    const proposal = { height: H, round: 0, valueId: A, validRound: -1, proposer: order[0]!.address }
    feed({ type: 'Proposal', proposal: { ...proposal, signature: UNCHECKED }, valid: true })
    expect(commitOf(state)).toBeNull()
    for (const key of keys)
      feed({ type: 'Vote', vote: signVote(key, { type: 'precommit', height: H, round: 0, valueId: A }) })
    const decisions = effects.filter(effect => effect.type === 'Decide')
    expect(decisions).toHaveLength(1)
    expect(decisions[0]!.commit.precommits).toHaveLength(3)
    verifyCommit(CHAIN, committee, decisions[0]!.commit)
    const whole = commitOf(state)!
    expect(whole.precommits).toHaveLength(4)
    verifyCommit(CHAIN, committee, whole)
    feed({ type: 'Timeout', timeout: { kind: 'precommit', height: H, round: 0 } })
    expect(state.machine.step).toBe('commit')
  })
})

describe('line 55: the skip', () => {
  test('two of four distinct validators pull the others into their round, whatever they vote', () => {
    const rig = new Rig(0)
    expect(rig.votes('prevote', 3, null, 1)).toEqual([])
    expect(rig.votes('precommit', 3, A, 1)).toEqual([])
    expect(rig.votes('precommit', 3, A, 2)[0]).toMatchObject({ type: 'EnterRound', round: 3 })
  })

  test('a polka of the round that is left still sets the valid value first', () => {
    const rig = new Rig(0)
    rig.votes('prevote', 0, A, 1, 2, 3)
    rig.timeout('propose', 0)
    rig.timeout('prevote', 0)
    rig.votes('prevote', 2, null, 1)
    rig.propose(0, A)
    rig.votes('prevote', 2, null, 3)
    expect(rig.machine).toMatchObject({ round: 2, validValue: A, validRound: 0 })
  })
})

describe('hostile and misplaced input', () => {
  test('the second of two conflicting votes is evidence, once', () => {
    const rig = new Rig(1)
    rig.votes('prevote', 0, A, 0)
    const effects = [...rig.votes('prevote', 0, B, 0), ...rig.votes('prevote', 0, null, 0)]
    expect(effects).toHaveLength(1)
    expect(effects[0]).toMatchObject({ type: 'Evidence', evidence: { a: { height: H }, b: { height: H } } })
  })

  test('an equivocator who hides a polka from all but one does not lock that one out for ever', () => {
    // Turn 3 prevotes A towards turn 0, who locks it, and nil towards this one, who sees no polka in round 0.
    const rig = new Rig(1)
    rig.propose(0, A)
    rig.votes('prevote', 0, null, 3, 2)
    rig.votes('prevote', 0, A, 0)
    rig.timeout('prevote', 0)
    rig.votes('precommit', 0, null, 2, 3)
    // The locked one's turn comes in round 4; meanwhile the votes it saw have travelled on.
    rig.votes('prevote', 4, null, 0, 2)
    rig.propose(4, A, 0)
    expect(rig.machine.step).toBe('propose')
    rig.votes('prevote', 0, A, 3)
    expect(rig.machine).toMatchObject({ round: 4, step: 'prevote' })
  })

  test('other heights, strangers and rounds out of reach change nothing', () => {
    const rig = new Rig(1)
    const before = rig.state
    const stranger = keysOf(5).find(({ address }) => !keys.some(key => key.address === address))!
    const body = { type: 'prevote' as const, height: H, round: 0, valueId: A }
    const far = MAX_ROUNDS_AHEAD + 1
    const inputs: DriverInput[] = [
      { type: 'Vote', vote: signVote(stranger, body) },
      { type: 'Vote', vote: signVote(keys[0]!, { ...body, height: H + 1 }) },
      { type: 'Vote', vote: signVote(keys[0]!, { ...body, height: H - 1 }) },
      { type: 'Vote', vote: { ...signVote(keys[0]!, body), round: -1 } },
      { type: 'Timeout', timeout: { kind: 'propose', height: H + 1, round: 0 } },
    ]
    for (const input of inputs) expect(rig.feed(input)).toEqual([])
    for (const [height, round] of [
      [H + 1, 0],
      [H, far],
    ] as const) {
      const proposer = keys[proposerIndex(committee, height, round)]!.address
      const proposal = { height, round, valueId: A, validRound: -1, proposer, signature: UNCHECKED }
      expect(rig.feed({ type: 'Proposal', proposal, valid: true })).toEqual([])
    }
    expect(rig.state).toBe(before)
  })

  test('line 55 after a long absence: rounds out of reach are entered once more than a third was heard there', () => {
    const rig = new Rig(1)
    const far = 50 * MAX_ROUNDS_AHEAD
    rig.votes('prevote', far + 7, null, 0)
    rig.votes('prevote', far + 9, null, 0)
    rig.votes('prevote', far + 8, null, 0)
    expect(rig.machine.round).toBe(0)
    rig.votes('precommit', far + 3, null, 2)
    expect(rig.machine.round).toBe(far + 3)
    expect(rig.state.far).toMatchObject([{ round: far + 9 }])
    rig.votes('prevote', far + 3, A, 0, 2, 3)
    rig.propose(far + 3, A)
    expect(rig.machine.lockedValue).toBe(A)
  })

  test('a height starts once and only upwards; before it, input is an error of the host', () => {
    const rig = new Rig(1)
    rig.propose(0, A)
    const before = rig.state
    for (const height of [H, H - 1]) {
      expect(rig.feed({ type: 'StartHeight', height, committee, self: null })).toEqual([])
      expect(rig.state).toBe(before)
    }
    const effects = rig.feed({ type: 'StartHeight', height: H + 1, committee, self: rig.self.address })
    expect(effects[0]).toMatchObject({ type: 'EnterRound', height: H + 1, round: 0 })
    expect(rig.state).toMatchObject({ proposals: [], votes: { rounds: [] }, decision: null })
    expect(() => driverStep(null, { type: 'Timeout', timeout: { kind: 'propose', height: H, round: 0 } })).toThrow(
      expect.objectContaining({ code: 'DRIVER_NOT_STARTED' }),
    )
  })

  test('a state is a plain value: read back from JSON it goes on as before', () => {
    const rig = new Rig(1)
    rig.propose(0, A)
    rig.votes('prevote', 0, A, 0)
    const copy: DriverState = JSON.parse(JSON.stringify(rig.state))
    expect(copy).toEqual(rig.state)
    const vote = { type: 'prevote' as const, height: H, round: 0, valueId: A, validator: order[2]!.address }
    const input: DriverInput = { type: 'Vote', vote: { ...vote, signature: UNCHECKED } }
    expect(driverStep(copy, input)).toEqual(driverStep(rig.state, input))
  })
})
