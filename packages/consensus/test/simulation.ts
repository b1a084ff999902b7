import type { Address, Hash, KeyPair } from '@hydraai/core'
import { expect } from 'vitest'
import type { Commit } from '../src/commit.ts'
import type { Committee } from '../src/committee.ts'
import { driverStep } from '../src/driver.ts'
import type { DriverEffect, DriverInput, DriverState } from '../src/driverState.ts'
import type { SignedProposal } from '../src/proposal.ts'
import { proposerOf } from '../src/proposer.ts'
import { isQuorum } from '../src/quorum.ts'
import type { Timeout, TimeoutKind } from '../src/timeout.ts'
import type { SignedVote, VoteType } from '../src/vote.ts'
import { UNCHECKED, value } from './fixtures.ts'

export const HEIGHT = 3

type Kind = 'proposal' | VoteType
type Message = { type: 'Proposal'; proposal: SignedProposal } | { type: 'Vote'; vote: SignedVote }

/** Numbers from a seed (splitmix32). */
function generator(seed: number): (bound: number) => number {
  let state = seed | 0
  return bound => {
    state = (state + 0x9e3779b9) | 0
    let z = state ^ (state >>> 16)
    z = Math.imul(z, 0x21f0aaad)
    z ^= z >>> 15
    z = Math.imul(z, 0x735a2d97)
    z ^= z >>> 15
    return (z >>> 0) % bound
  }
}

interface Node {
  readonly address: Address
  state: DriverState
  /** Messages on their way to it; taken in any order. */
  inbox: Message[]
  timers: Timeout[]
  decided: { valueId: Hash; commit: Commit } | null
}

function kindOf(message: Message): Kind {
  return message.type === 'Proposal' ? 'proposal' : message.vote.type
}

function senderOf(message: Message): Address {
  return message.type === 'Proposal' ? message.proposal.proposer : message.vote.validator
}

/** Whether the timer still has something to do: it is of the running round, and of its step. */
function isLive({ machine }: DriverState, timer: Timeout, kind: TimeoutKind): boolean {
  return timer.kind === kind && timer.round === machine.round && (kind === 'precommit' || machine.step === kind)
}

/**
 * One height of a network: honest validators run the driver, the Byzantine ones send what the seed says. Messages are
 * lost, doubled and reordered and timers fire at any time, until `heal`. Promises that must always hold are checked at
 * every step: agreement, validity, no honest equivocation, no evidence against the honest, every commit a quorum.
 */
export class Simulation {
  readonly committee: Committee
  readonly byzantine: Set<Address>
  readonly honest: Node[]
  /** Everything that was ever sent, whether it arrived or not. */
  readonly log: Message[] = []
  readonly random: (bound: number) => number
  readonly #signed = new Map<string, string>()
  /** Chance in a hundred that a waiting message may come now, by kind: slow precommits make rounds of many locks. */
  readonly #pace: Record<Kind, number>
  readonly #clogs = new Set<string>()
  readonly #invalid = new Set<Hash>()
  readonly #proposed = new Set<Hash>()

  constructor(options: { seed: number; keys: readonly KeyPair[]; committee: Committee; byzantine: readonly number[] }) {
    this.committee = options.committee
    this.random = generator(options.seed)
    const pace = () => this.#pick([100, 40, 5])
    this.#pace = { proposal: pace(), prevote: pace(), precommit: pace() }
    this.byzantine = new Set(options.byzantine.map(i => options.keys[i]!.address))
    this.honest = options.committee.validators
      .filter(({ address }) => !this.byzantine.has(address))
      .map(({ address }) => ({ address, inbox: [], timers: [], decided: null, state: null as never }))
    for (let i = this.random(this.honest.length); i > 0; i--) this.#toggleClog()
    for (const node of this.honest) {
      this.#feed(node, { type: 'StartHeight', height: HEIGHT, committee: this.committee, self: node.address })
    }
  }

  /**
   * One event of the hostile phase. Links are clogged and opened again, by node and kind of message or sender; timers fire mostly
   * when a node has nothing else to do, so that rounds get far enough to lock and to decide at some nodes only.
   */
  disturb(): void {
    const node = this.#pick(this.honest)
    if (this.random(100) < 4) this.#toggleClog()
    const open = node.inbox.filter(
      message =>
        !this.#clogs.has(`${node.address} ${kindOf(message)}`) &&
        !this.#clogs.has(`${node.address} ${senderOf(message)}`) &&
        this.random(100) < (this.#isRevealing(message) ? 2 : this.#pace[kindOf(message)]),
    )
    const choice = this.random(100)
    if (this.byzantine.size > 0 && choice < (open.length === 0 ? 50 : 10)) {
      this.#misbehave()
    } else if (node.timers.length > 0 && (open.length === 0 || choice < 12)) {
      this.#fire(node, this.random(node.timers.length))
    } else if (open.length > 0) {
      const message = this.#pick(open)
      const isDoubled = this.random(20) === 0
      if (!isDoubled) node.inbox.splice(node.inbox.indexOf(message), 1)
      if (this.random(20) > 0) this.#deliver(node, message) // else it is lost, until somebody sends it again
    }
    if (this.log.length > 0 && this.random(5) === 0) this.#pick(this.honest).inbox.push(this.#pick(this.log))
  }

  /** The weather is on the side of the Byzantine: who has not decided hardly hears what others have. */
  #isRevealing(message: Message): boolean {
    const [decided] = this.decisions
    return (
      this.byzantine.size > 0 &&
      message.type === 'Vote' &&
      message.vote.type === 'precommit' &&
      message.vote.valueId === decided
    )
  }

  #toggleClog(): void {
    const [oldest] = this.#clogs
    if (oldest !== undefined && this.random(this.honest.length) < this.#clogs.size) {
      this.#clogs.delete(oldest)
      return
    }
    const sources = ['proposal', 'prevote', 'precommit', ...this.honest.map(({ address }) => address)]
    this.#clogs.add(`${this.#pick(this.honest).address} ${this.#pick(sources)}`)
  }

  /** A network that delivers all in time: timers fire only when everything has gone round, the earlier kinds first. */
  heal(maxRounds: number): void {
    this.#gossip(0)
    const last = Math.max(...this.honest.map(({ state }) => state.machine.round)) + maxRounds
    for (;;) {
      if (this.honest.every(({ decided }) => decided !== null)) return
      const live = this.honest.filter(({ decided }) => decided === null)
      if (live.some(({ state }) => state.machine.round > last)) break
      const kind = (['propose', 'prevote', 'precommit'] as const).find(kind =>
        live.some(node => node.timers.some(timer => isLive(node.state, timer, kind))),
      )
      if (kind === undefined) break
      const sent = this.log.length
      for (const node of live) {
        const due = node.timers.filter(timer => isLive(node.state, timer, kind))
        node.timers = node.timers.filter(timer => !due.includes(timer))
        for (const timeout of due) this.#feed(node, { type: 'Timeout', timeout })
      }
      this.#gossip(sent)
    }
    throw new Error(`not decided within ${maxRounds} rounds: ${this.describe()}`)
  }

  /**
   * Gives every node the log from there on, and what that made others send; then once more what the Byzantine ever sent:
   * of their contradictions a node keeps only what others stand behind, which may have come after them.
   */
  #gossip(from: number): void {
    const everyone = (message: Message) => {
      for (const node of this.honest) this.#deliver(node, message)
    }
    let next = from
    do {
      for (; next < this.log.length; next++) everyone(this.log[next]!)
      for (const message of this.log.filter(message => this.byzantine.has(senderOf(message)))) everyone(message)
    } while (next < this.log.length)
    for (const node of this.honest) node.inbox = []
  }

  describe(): string {
    return this.honest.map(({ state }) => JSON.stringify(state.machine)).join('\n')
  }

  get decisions(): Hash[] {
    return this.honest.flatMap(({ decided }) => (decided === null ? [] : [decided.valueId]))
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.random(items.length)]!
  }

  #fire(node: Node, at: number): void {
    const [timeout] = node.timers.splice(at, 1)
    this.#feed(node, { type: 'Timeout', timeout: timeout! })
  }

  #deliver(node: Node, message: Message): void {
    if (message.type === 'Vote') this.#feed(node, message)
    else this.#feed(node, { ...message, valid: !this.#invalid.has(message.proposal.valueId) })
  }

  #send(message: Message, to: readonly Node[]): void {
    this.log.push(message)
    for (const node of to) node.inbox.push(message)
  }

  #feed(node: Node, input: DriverInput): void {
    const { state, effects } = driverStep(node.state, input)
    node.state = state
    for (const effect of effects) this.#carryOut(node, effect)
  }

  #carryOut(node: Node, effect: DriverEffect): void {
    const others = this.honest.filter(other => other !== node)
    switch (effect.type) {
      case 'GetValue': {
        const valueId = value(`${node.address} ${effect.round}`)
        this.#feed(node, { ...effect, type: 'ValueReady', valueId })
        return
      }
      case 'SignProposal': {
        const proposal = { ...effect.proposal, signature: UNCHECKED }
        this.#signOnce(node, 'proposal', proposal.round, `${proposal.valueId} ${proposal.validRound}`)
        this.#proposed.add(proposal.valueId)
        this.#send({ type: 'Proposal', proposal }, others)
        this.#feed(node, { type: 'Proposal', proposal, valid: true })
        return
      }
      case 'SignVote': {
        const vote = { ...effect.vote, signature: UNCHECKED }
        this.#signOnce(node, vote.type, vote.round, String(vote.valueId))
        if (vote.valueId !== null) expect(this.#invalid.has(vote.valueId), 'a vote for an invalid value').toBe(false)
        this.#send({ type: 'Vote', vote }, others)
        this.#feed(node, { type: 'Vote', vote })
        return
      }
      case 'ScheduleTimeout':
        node.timers.push(effect.timeout)
        return
      case 'Evidence':
        expect(this.byzantine, 'evidence against an honest validator').toContain(effect.evidence.a.validator)
        return
      case 'Decide':
        this.#decide(node, effect)
        return
      case 'EnterRound':
        return
    }
  }

  #signOnce(node: Node, kind: string, round: number, content: string): void {
    const slot = `${node.address} ${kind} ${round}`
    expect(this.#signed.get(slot) ?? content, `equivocation: ${slot}`).toBe(content)
    expect(this.#signed.has(slot), `asked to sign twice: ${slot}`).toBe(false)
    this.#signed.set(slot, content)
  }

  #decide(node: Node, { valueId, commit, round }: Extract<DriverEffect, { type: 'Decide' }>): void {
    expect(node.decided, 'a second decision').toBeNull()
    expect(this.#invalid.has(valueId), 'an invalid value was decided').toBe(false)
    expect([...this.#proposed], 'a value nobody proposed was decided').toContain(valueId)
    for (const other of this.decisions) expect(valueId, `agreement, in round ${round}`).toBe(other)
    const signers = new Set(commit.precommits.map(({ validator }) => validator))
    const power = this.committee.validators
      .filter(({ address }) => signers.has(address))
      .reduce((sum, { power }) => sum + power, 0)
    expect(isQuorum(power, this.committee.totalPower), 'a commit without a quorum').toBe(true)
    node.decided = { valueId, commit }
  }

  /** A Byzantine validator does its worst in a round that some are in: it helps, hides, lies, or splits the others. */
  #misbehave(): void {
    const validator = this.#pick([...this.byzantine])
    const { machine } = this.#pick(this.honest).state
    const round = Math.max(0, machine.round + this.random(3) - 1)
    const isItsTurn = proposerOf(this.committee, HEIGHT, round).address === validator
    const some = this.honest.filter(() => this.random(2) === 0)
    const to = this.random(2) === 0 ? this.honest : some
    const deed = this.random(isItsTurn ? 6 : 3)
    const [decided] = this.decisions
    if (decided !== undefined && this.random(2) === 0) {
      // Some have decided: win the others for another value, in a turn of its own; until that comes, end the rounds.
      const instead = isItsTurn ? value(`${validator} instead`) : null
      if (instead !== null) {
        this.#propose(validator, round, instead, this.random(2) === 0 ? -1 : round - 1, this.honest)
      }
      this.#support(validator, round, instead, this.honest)
    } else if (deed === 5) {
      this.#propose(validator, round, this.#byzantineValue(validator, round), -1, to)
    } else if (deed === 4) {
      // with a polka that may never have been
      this.#propose(validator, round, this.#byzantineValue(validator, round), this.random(round + 1) - 1, to)
    } else if (deed === 3) {
      // one half gets another proposal than the other, and votes to match
      for (const half of [some, this.honest.filter(node => !some.includes(node))]) {
        const valueId = this.#byzantineValue(validator, round)
        this.#propose(validator, round, valueId, -1, half)
        this.#support(validator, round, valueId, half)
      }
    } else if (deed === 2) {
      this.#support(validator, round, this.#votableValue(round), to)
    } else {
      const type: VoteType = this.random(2) === 0 ? 'prevote' : 'precommit'
      this.#vote(validator, type, round, this.#votableValue(round), to)
    }
  }

  /** Both votes for one value, so that it may be decided where they go. */
  #support(validator: Address, round: number, valueId: Hash | null, to: readonly Node[]): void {
    this.#vote(validator, 'prevote', round, valueId, to)
    this.#vote(validator, 'precommit', round, valueId, to)
  }

  #vote(validator: Address, type: VoteType, round: number, valueId: Hash | null, to: readonly Node[]): void {
    this.#send({ type: 'Vote', vote: { type, height: HEIGHT, round, valueId, validator, signature: UNCHECKED } }, to)
  }

  #propose(proposer: Address, round: number, valueId: Hash, validRound: number, to: readonly Node[]): void {
    this.#proposed.add(valueId)
    const proposal = { height: HEIGHT, round, valueId, validRound, proposer, signature: UNCHECKED }
    this.#send({ type: 'Proposal', proposal }, to)
  }

  #byzantineValue(validator: Address, round: number): Hash {
    const known = [...this.#proposed]
    if (known.length > 0 && this.random(2) === 0) return this.#pick(known)
    const valueId = value(`${validator} ${round} ${this.random(3)}`)
    if (this.random(5) === 0 && !this.#proposed.has(valueId)) this.#invalid.add(valueId)
    return valueId
  }

  #votableValue(round: number): Hash | null {
    const proposed = this.log.flatMap(message =>
      message.type === 'Proposal' && message.proposal.round === round ? [message.proposal.valueId] : [],
    )
    if (proposed.length === 0 || this.random(5) === 0) return null
    return this.#pick(proposed)
  }
}
