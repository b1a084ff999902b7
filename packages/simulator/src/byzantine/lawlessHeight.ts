import {
  type Committee,
  commitOf,
  type DriverEffect,
  type DriverInput,
  type DriverState,
  driverStep,
  proposerOf,
  type SignedProposal,
  type SignedVote,
} from '@hydraai/consensus'
import { type Address, type Hash, type Signature, taggedHash, utf8 } from '@hydraai/core'
import type { SeededRandom } from '../seededRandom.ts'
import { Testimony } from './testimony.ts'

const UNSIGNED = '00'.repeat(64) as Signature
const STEPS = 1_500
/** Rounds in which the Byzantine take part. */
const LAST_ROUND = 8

interface Honest {
  readonly address: Address
  readonly side: number
  state: DriverState
  inbox: DriverInput[]
  timers: DriverInput[]
}

/**
 * One height of the consensus machine alone, under an adversary that decides when everything is delivered and holds all
 * the other keys: the honest stand on two sides that hear of each other late, and each Byzantine validator tells each
 * side what suits it, round by round, by the draws of `random`.
 */
export class LawlessHeight {
  readonly testimony: Testimony
  readonly #committee: Committee
  readonly #random: SeededRandom
  readonly #honest: Honest[]
  readonly #byzantine: readonly Address[]
  /** How probably a message reaches the other side at a step, in 1/256. */
  readonly #leak: number
  /** `both`: for whatever either side proposes; `turns`: one side in even rounds, the other in odd ones; `apart`: as each likes. */
  readonly #manner: 'both' | 'turns' | 'apart'
  readonly #late: { readonly to: Honest; readonly input: DriverInput }[] = []
  /** Which side a Byzantine validator supports in a round; null: both. */
  readonly #favours = new Map<string, number | null>()

  constructor(committee: Committee, byzantine: ReadonlySet<Address>, random: SeededRandom) {
    this.#committee = committee
    this.#random = random
    this.#leak = random.pick([0, 1, 8])
    this.#manner = random.pick(['both', 'turns', 'apart'])
    this.testimony = new Testimony(committee)
    const addresses = committee.validators.map(({ address }) => address)
    this.#byzantine = addresses.filter(address => byzantine.has(address))
    this.#honest = []
    for (const [i, address] of addresses.filter(one => !byzantine.has(one)).entries()) {
      const { state, effects } = driverStep(null, { type: 'StartHeight', height: 1, committee, self: address })
      const honest = { address, side: i % 2, state, inbox: [], timers: [] }
      this.#honest.push(honest)
      this.#carryOut(honest, effects)
    }
    // Votes of so many make a side skip to the round they are of.
    if (this.#manner !== 'turns') return
    for (const side of [0, 1]) for (let round = side; round <= LAST_ROUND; round += 2) this.#temptRound({ side }, round)
  }

  /** Runs to the end; what was decided, by whom. */
  run(): Map<Address, Hash> {
    for (let step = 0; step < STEPS; step++) {
      if (this.#honest.every(({ state }) => state.decision !== null)) break
      this.#step(this.#honest[this.#random.below(this.#honest.length)]!)
    }
    const decided = new Map<Address, Hash>()
    for (const { address, state } of this.#honest) {
      if (state.decision === null) continue
      decided.set(address, state.decision.valueId)
      this.testimony.addCommit(commitOf(state)!)
    }
    return decided
  }

  #step(honest: Honest): void {
    if (this.#late.length > 0 && this.#random.below(256) < this.#leak) {
      const [late] = this.#late.splice(this.#random.below(this.#late.length), 1)
      late!.to.inbox.push(late!.input)
    }
    // Nobody waits in vain: timers run when nothing else comes, and now and then before.
    const isTimeout = honest.timers.length > 0 && (honest.inbox.length === 0 || this.#random.below(40) === 0)
    const from = isTimeout ? honest.timers : honest.inbox
    if (from.length === 0) return
    const [input] = from.splice(isTimeout ? 0 : this.#random.below(from.length), 1)
    this.#hear(input!)
    const { state, effects } = driverStep(honest.state, input!)
    honest.state = state
    this.#carryOut(honest, effects)
  }

  #carryOut(honest: Honest, effects: readonly DriverEffect[]): void {
    for (const effect of effects) {
      if (effect.type === 'EnterRound') this.#temptRound(honest, effect.round)
      if (effect.type === 'GetValue')
        honest.inbox.unshift({ ...effect, type: 'ValueReady', valueId: valueFor(honest.address, effect.round, 0) })
      if (effect.type === 'SignProposal') this.#publish(honest, { ...effect.proposal, signature: UNSIGNED })
      if (effect.type === 'SignVote') this.#publish(honest, { ...effect.vote, signature: UNSIGNED })
      if (effect.type === 'ScheduleTimeout') honest.timers.push({ type: 'Timeout', timeout: effect.timeout })
    }
  }

  #publish(from: Honest, message: SignedVote | SignedProposal): void {
    const input = inputOf(message)
    this.#hear(input)
    // One's own comes first: nothing is signed on top of what is not known yet.
    const { state, effects } = driverStep(from.state, input)
    from.state = state
    for (const to of this.#honest) {
      if (to === from) continue
      if (to.side === from.side) to.inbox.push(input)
      else this.#late.push({ to, input })
    }
    if ('proposer' in message) this.#support(from.side, message)
    this.#carryOut(from, effects)
  }

  /** The Byzantine proposer of a round has a block for each side. */
  #temptRound({ side }: Pick<Honest, 'side'>, round: number): void {
    const proposer = proposerOf(this.#committee, 1, round).address
    if (round > LAST_ROUND || !this.#byzantine.includes(proposer) || !this.#favour(proposer, round, side)) return
    const valueId = valueFor(proposer, round, side)
    const proposal = { height: 1, round, valueId, validRound: -1, proposer, signature: UNSIGNED }
    this.#tell(side, inputOf(proposal))
    this.#support(side, proposal)
  }

  /** Those who favour the side vote for what was proposed there. */
  #support(side: number, { round, valueId }: SignedProposal): void {
    for (const validator of this.#byzantine) {
      if (round > LAST_ROUND || !this.#favour(validator, round, side)) continue
      for (const type of ['prevote', 'precommit'] as const)
        this.#tell(side, inputOf({ type, height: 1, round, valueId, validator, signature: UNSIGNED }))
    }
  }

  #tell(side: number, input: DriverInput): void {
    for (const to of this.#honest) if (to.side === side) to.inbox.push(input)
  }

  #favour(validator: Address, round: number, side: number): boolean {
    if (this.#manner === 'both') return true
    if (this.#manner === 'turns') return round % 2 === side
    const key = `${validator} ${round}`
    if (!this.#favours.has(key)) this.#favours.set(key, this.#random.pick([0, 1, null]))
    const favoured = this.#favours.get(key)!
    return favoured === null || favoured === side
  }

  #hear(input: DriverInput): void {
    if (input.type === 'Vote') this.testimony.addVote(input.vote)
    if (input.type === 'Proposal') this.testimony.addProposal(input.proposal)
  }
}

function inputOf(message: SignedVote | SignedProposal): DriverInput {
  if ('proposer' in message) return { type: 'Proposal', proposal: message, valid: true }
  return { type: 'Vote', vote: message }
}

function valueFor(proposer: Address, round: number, side: number): Hash {
  return taggedHash('value', utf8(`${proposer} ${round} ${side}`))
}
