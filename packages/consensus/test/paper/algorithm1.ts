import type { Address, Hash } from '@hydraai/core'
import type { Committee } from '../../src/committee.ts'
import type { Proposal } from '../../src/proposal.ts'
import { proposerOf } from '../../src/proposer.ts'
import type { TimeoutKind } from '../../src/timeout.ts'
import type { Vote, VoteType } from '../../src/vote.ts'

export type Message = ({ type: 'proposal' } & Proposal) | Vote

export type Output =
  | { type: 'getValue'; round: number }
  | { type: 'send'; message: Message }
  | { type: 'schedule'; kind: TimeoutKind; round: number }
  | { type: 'decide'; round: number; valueId: Hash }

/**
 * Algorithm 1 of arXiv 1807.04938 written down line by line for one height: a log of all messages, and the rules tried one
 * after the other over all of it until none holds. Slow and simple on purpose, and nothing of the code under test is in it
 * but the turns of the proposers. Where the code differs from the paper on purpose, so does this, marked (*); the reasons are
 * in docs/consensus.md.
 */
export class Algorithm1 {
  // Lines 1 to 9.
  round = -1
  step: TimeoutKind = 'propose'
  lockedValue: Hash | null = null
  lockedRound = -1
  validValue: Hash | null = null
  validRound = -1
  decision: { round: number; valueId: Hash } | null = null
  readonly log: Message[] = []
  /** Lines that were carried out, and how often. */
  readonly fired = new Map<number, number>()
  readonly #once = new Set<string>()
  #outputs: Output[] = []
  #awaitsValue = false
  readonly height: number
  readonly committee: Committee
  readonly self: Address
  readonly valid: (valueId: Hash) => boolean

  constructor(height: number, committee: Committee, self: Address, valid: (valueId: Hash) => boolean) {
    this.height = height
    this.committee = committee
    this.self = self
    this.valid = valid
  }

  // Line 10.
  start(): Output[] {
    return this.#after(() => this.#startRound(0))
  }

  receive(message: Message): Output[] {
    return this.#after(() => this.log.push(message))
  }

  /** (*) getValue() of line 18 takes time; who no longer waits for it takes no value. */
  value(round: number, valueId: Hash): Output[] {
    return this.#after(() => {
      if (!this.#awaitsValue || round !== this.round || this.decision !== null) return
      this.#awaitsValue = false
      if (this.step === 'propose') this.#propose(valueId)
    })
  }

  timeout(kind: TimeoutKind, round: number): Output[] {
    return this.#after(() => {
      if (this.decision !== null || round !== this.round) return
      if (kind === 'propose' && this.step === 'propose') {
        this.#fire(57)
        this.#vote('prevote', null) // 59
        this.step = 'prevote' // 60
      } else if (kind === 'prevote' && this.step === 'prevote') {
        this.#fire(61)
        this.#vote('precommit', null) // 63
        this.step = 'precommit' // 64
      } else if (kind === 'precommit') {
        this.#fire(65)
        this.#startRound(this.round + 1) // 67
      }
    })
  }

  #after(happens: () => void): Output[] {
    this.#outputs = []
    happens()
    const rules = [this.#line49, this.#line22, this.#line28, this.#line36, this.#line44, this.#line34]
    const all = [...rules, this.#line47, this.#line55]
    while (this.decision === null && all.some(rule => rule.call(this))) {}
    return this.#outputs
  }

  // Lines 11 to 21.
  #startRound(round: number): void {
    this.round = round
    this.step = 'propose'
    this.#awaitsValue = false
    if (proposerOf(this.committee, this.height, round).address === this.self) {
      if (this.validValue !== null) this.#propose(this.validValue)
      else {
        this.#awaitsValue = true
        this.#outputs.push({ type: 'getValue', round })
      }
    }
    this.#schedule('propose') // (*) the proposer too, who might fail to make or sign its proposal
  }

  #propose(valueId: Hash): void {
    const { height, round, validRound, self } = this
    this.#send({ type: 'proposal', height, round, valueId, validRound, proposer: self })
  }

  #line22(): boolean {
    const proposal = this.#proposals(this.round)[0] // (*) the first of a proposer who makes two
    if (proposal === undefined || proposal.validRound !== -1 || this.step !== 'propose') return false
    const v = proposal.valueId
    const isFree = this.valid(v) && (this.lockedRound === -1 || this.lockedValue === v)
    this.#vote('prevote', isFree ? v : null)
    this.step = 'prevote'
    return this.#fire(22)
  }

  #line28(): boolean {
    const proposal = this.#proposals(this.round)[0] // (*)
    if (proposal === undefined || this.step !== 'propose') return false
    const { valueId: v, validRound: vr } = proposal
    if (vr < 0 || vr >= this.round || !this.#has2fPlus1('prevote', vr, v)) return false
    const isFree = this.valid(v) && (this.lockedRound <= vr || this.lockedValue === v)
    this.#vote('prevote', isFree ? v : null)
    this.step = 'prevote'
    return this.#fire(28)
  }

  #line34(): boolean {
    if (this.step !== 'prevote' || !this.#has2fPlus1('prevote', this.round, '*') || !this.#first(34)) return false
    this.#schedule('prevote')
    return this.#fire(34)
  }

  #line36(): boolean {
    if (this.step === 'propose') return false
    for (const { valueId: v } of this.#proposals(this.round)) {
      if (!this.valid(v) || !this.#has2fPlus1('prevote', this.round, v) || !this.#first(36)) continue
      if (this.step === 'prevote') {
        this.lockedValue = v
        this.lockedRound = this.round
        this.#vote('precommit', v)
        this.step = 'precommit'
      } else this.#fire(42)
      this.validValue = v
      this.validRound = this.round
      return this.#fire(36)
    }
    return false
  }

  #line44(): boolean {
    if (this.step !== 'prevote' || !this.#has2fPlus1('prevote', this.round, null)) return false
    this.#vote('precommit', null)
    this.step = 'precommit'
    return this.#fire(44)
  }

  #line47(): boolean {
    if (!this.#has2fPlus1('precommit', this.round, '*') || !this.#first(47)) return false
    this.#schedule('precommit')
    return this.#fire(47)
  }

  #line49(): boolean {
    for (const message of this.log) {
      if (message.type !== 'proposal' || !this.#proposals(message.round).includes(message)) continue
      const { round, valueId } = message
      if (!this.valid(valueId) || !this.#has2fPlus1('precommit', round, valueId)) continue
      this.decision = { round, valueId }
      this.#outputs.push({ type: 'decide', round, valueId })
      return this.#fire(49)
    }
    return false
  }

  // (*) Votes only: a proposal does not count as a message here.
  #line55(): boolean {
    const later = this.log.filter(message => message.type !== 'proposal' && message.round > this.round)
    const rounds = [...new Set(later.map(({ round }) => round))].sort((a, b) => b - a)
    const skipTo = rounds.find(round => {
      const voters = new Set(later.flatMap(m => (m.type !== 'proposal' && m.round === round ? [m.validator] : [])))
      return 3 * this.#power(voters) > this.committee.totalPower
    })
    if (skipTo === undefined) return false
    this.#startRound(skipTo)
    return this.#fire(55)
  }

  #proposals(round: number) {
    const { address } = proposerOf(this.committee, this.height, round)
    return this.log.flatMap(m => (m.type === 'proposal' && m.round === round && m.proposer === address ? [m] : []))
  }

  /** 2f + 1 messages of distinct validators; (*) of an equivocator's votes only the first can be one for nil. */
  #has2fPlus1(type: VoteType, round: number, valueId: Hash | null | '*'): boolean {
    const voters = new Set<Address>()
    const heard = new Set<Address>()
    for (const message of this.log) {
      if (message.type !== type || message.round !== round) continue
      const isFirst = !heard.has(message.validator)
      heard.add(message.validator)
      if (valueId === '*' || (message.valueId === valueId && (valueId !== null || isFirst)))
        voters.add(message.validator)
    }
    return 3 * this.#power(voters) > 2 * this.committee.totalPower
  }

  #power(voters: Set<Address>): number {
    return this.committee.validators.reduce((sum, { address, power }) => sum + (voters.has(address) ? power : 0), 0)
  }

  /** "for the first time", in each round. */
  #first(line: number): boolean {
    const key = `${line} ${this.round}`
    if (this.#once.has(key)) return false
    this.#once.add(key)
    return true
  }

  #vote(type: VoteType, valueId: Hash | null): void {
    this.#send({ type, height: this.height, round: this.round, valueId, validator: this.self })
  }

  #send(message: Message): void {
    this.#outputs.push({ type: 'send', message })
  }

  #schedule(kind: TimeoutKind): void {
    this.#outputs.push({ type: 'schedule', kind, round: this.round })
  }

  #fire(line: number): true {
    this.fired.set(line, (this.fired.get(line) ?? 0) + 1)
    return true
  }
}
