import type { Address, Hash } from '@hydraai/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type DriverEffect, type DriverInput, type DriverState, driverStep, proposerOf } from '../../src/index.ts'
import { committeeOf, keysOf, UNCHECKED, value } from '../fixtures.ts'
import { Algorithm1, type Message, type Output } from './algorithm1.ts'

const HEIGHT = 5
const keys = keysOf(5)
const [A, B, INVALID] = [value('a'), value('b'), value('invalid')]
const isValid = (valueId: Hash) => valueId !== INVALID

/** Committees, and who of each may be Byzantine: less than a third of the power. */
const COMMITTEES = [
  { powers: [1, 1, 1, 1], byzantine: 3 },
  { powers: [3, 2, 4, 1], byzantine: 0 },
  { powers: [5, 1, 1, 1, 1], byzantine: 4 },
  { powers: [2, 2, 2, 2, 1], byzantine: 1 },
]

/** What the network does next; what it names that cannot be is passed over. */
interface Happening {
  kind: 'vote' | 'votes' | 'proposal' | 'timeout' | 'value' | 'own'
  who: number
  /** Of the message, beside the round that the validator is in. */
  ahead: number
  isPrecommit: boolean
  valueId: Hash | null
  validRound: number
  /** With `votes`: who of the committee votes so. */
  voters: number
}

const happening: fc.Arbitrary<Happening> = fc.record({
  kind: fc.constantFrom('vote', 'votes', 'votes', 'votes', 'proposal', 'proposal', 'timeout', 'value', 'own', 'own'),
  who: fc.nat(4),
  ahead: fc.constantFrom(0, 0, 0, 0, 0, -1, -2, 1, 2),
  isPrecommit: fc.boolean(),
  valueId: fc.constantFrom(A, A, A, A, B, B, null, null, INVALID),
  validRound: fc.constantFrom(-1, -1, -1, 0, 1, 2, 3),
  voters: fc.integer({ min: 1, max: 31 }),
})

/** One validator, by the code and by the paper at once. */
class Pair {
  readonly paper: Algorithm1
  readonly #self: Address
  #state: DriverState | null = null
  /** Votes and proposals that were given, by sender and round: the honest make one of each. */
  readonly #given = new Map<string, Set<string>>()
  readonly #own: Message[] = []
  readonly #timers: { kind: 'propose' | 'prevote' | 'precommit'; round: number }[] = []
  #asked: number | null = null
  readonly committee
  readonly byzantine: number

  constructor({ powers, byzantine }: (typeof COMMITTEES)[number], self: number) {
    this.committee = committeeOf(keys.slice(0, powers.length), powers)
    this.byzantine = byzantine
    this.#self = this.committee.validators[self]!.address
    this.paper = new Algorithm1(HEIGHT, this.committee, this.#self, isValid)
    this.#both({ type: 'StartHeight', height: HEIGHT, committee: this.committee, self: this.#self }, () =>
      this.paper.start(),
    )
  }

  happen(h: Happening): void {
    const round = Math.max(0, this.paper.round + h.ahead)
    switch (h.kind) {
      case 'own': {
        const message = this.#own.shift()
        if (message !== undefined) this.#deliver(message)
        return
      }
      case 'timeout': {
        const [timer] = this.#timers.splice(h.who % Math.max(1, this.#timers.length), 1)
        if (timer === undefined) return
        const timeout = { ...timer, height: HEIGHT }
        this.#both({ type: 'Timeout', timeout }, () => this.paper.timeout(timer.kind, timer.round))
        return
      }
      case 'value': {
        const asked = this.#asked
        if (asked === null) return
        this.#asked = null
        const valueId = h.valueId === B ? B : A
        this.#both({ type: 'ValueReady', height: HEIGHT, round: asked, valueId }, () =>
          this.paper.value(asked, valueId),
        )
        return
      }
      case 'proposal': {
        const proposer = proposerOf(this.committee, HEIGHT, round).address
        const { valueId, validRound } = h
        if (valueId === null || validRound >= round) return
        this.#give({ type: 'proposal', height: HEIGHT, round, valueId, validRound, proposer }, proposer)
        return
      }
      case 'vote':
        this.#giveVote(h, round, h.who)
        return
      case 'votes':
        for (let who = 0; who < 5; who++) if ((h.voters >> who) % 2 === 1) this.#giveVote(h, round, who)
    }
  }

  #giveVote({ isPrecommit, valueId }: Happening, round: number, who: number): void {
    const validator = this.committee.validators[who]?.address
    if (validator === undefined) return
    this.#give({ type: isPrecommit ? 'precommit' : 'prevote', height: HEIGHT, round, valueId, validator }, validator)
  }

  #give(message: Message, sender: Address): void {
    if (sender === this.#self) return
    const slot = `${sender} ${message.type} ${message.round}`
    const given = this.#given.get(slot) ?? new Set()
    const isByzantine = sender === this.committee.validators[this.byzantine]!.address
    const most = isByzantine ? (message.type === 'proposal' ? 2 : 3) : 1
    const content = JSON.stringify(message)
    if (!given.has(content) && given.size >= most) return
    this.#given.set(slot, given.add(content))
    this.#deliver(message)
  }

  #deliver(message: Message): void {
    const known = this.paper.log.find(other => JSON.stringify(other) === JSON.stringify(message))
    const paper = () => this.paper.receive(known ?? message)
    if (message.type === 'proposal') {
      const { type: _, ...proposal } = message
      const signed = { ...proposal, signature: UNCHECKED }
      this.#both({ type: 'Proposal', proposal: signed, valid: isValid(message.valueId) }, paper)
    } else this.#both({ type: 'Vote', vote: { ...message, signature: UNCHECKED } }, paper)
  }

  #both(input: DriverInput, paper: () => Output[]): void {
    const { state, effects } = driverStep(this.#state, input)
    this.#state = state
    const outputs = paper()
    expect(effects.flatMap(effect => asOutput(effect))).toEqual(outputs)
    const { round, lockedValue, lockedRound, validValue, validRound, step } = state.machine
    const { paper: p } = this
    expect({ round, lockedValue, lockedRound, validValue, validRound, decision: state.decision }).toEqual({
      ...{ round: p.round, lockedValue: p.lockedValue, lockedRound: p.lockedRound },
      ...{ validValue: p.validValue, validRound: p.validRound, decision: p.decision },
    })
    expect(step).toBe(p.decision === null ? p.step : 'commit')
    for (const output of outputs) {
      if (output.type === 'send') this.#own.push(output.message)
      else if (output.type === 'schedule') this.#timers.push({ kind: output.kind, round: output.round })
      else if (output.type === 'getValue') this.#asked = output.round
    }
  }
}

/** What the driver asks for, in the words of the paper. */
function asOutput(effect: DriverEffect): Output[] {
  switch (effect.type) {
    case 'GetValue':
      return [{ type: 'getValue', round: effect.round }]
    case 'SignProposal':
      return [{ type: 'send', message: { type: 'proposal', ...effect.proposal } }]
    case 'SignVote':
      return [{ type: 'send', message: effect.vote }]
    case 'ScheduleTimeout':
      return [{ type: 'schedule', kind: effect.timeout.kind, round: effect.timeout.round }]
    case 'Decide':
      return [{ type: 'decide', round: effect.round, valueId: effect.valueId }]
    case 'EnterRound':
    case 'Evidence':
      return []
  }
}

test('on any schedule of messages and timers the driver does what algorithm 1, written down line by line, does', () => {
  const fired = new Map<number, number>()
  fc.assert(
    fc.property(
      fc.constantFrom(...COMMITTEES),
      fc.nat(3),
      fc.array(happening, { minLength: 20, maxLength: 120, size: 'max' }),
      (committee, self, happenings) => {
        if (self === committee.byzantine) return
        const pair = new Pair(committee, self)
        for (const one of happenings) {
          if (pair.paper.decision !== null) break
          pair.happen(one)
        }
        for (const [line, count] of pair.paper.fired) fired.set(line, (fired.get(line) ?? 0) + count)
      },
    ),
    { numRuns: 1000 },
  )
  // A schedule that never reaches a rule would prove nothing of it.
  for (const line of [22, 28, 34, 36, 42, 44, 47, 49, 55, 57, 61, 65]) {
    expect(fired.get(line) ?? 0, `line ${line}`).toBeGreaterThan(0)
  }
})
