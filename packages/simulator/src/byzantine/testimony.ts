import {
  type Commit,
  type Committee,
  type SignedProposal,
  type SignedVote,
  type VoteType,
  validatorOf,
} from '@hydraai/consensus'
import type { Address, Hash } from '@hydraai/core'

/** What one validator said in one round, by what it said: more than one entry is a contradiction. */
type Sayings<T> = Map<string, T>

/**
 * All signed messages of one height that somebody honest saw, once each. Signatures are checked before: here every
 * message is the act of who is named in it.
 */
export class Testimony {
  readonly committee: Committee
  readonly #votes = new Map<string, Sayings<SignedVote>>()
  readonly #proposals = new Map<string, Sayings<SignedProposal>>()
  /** Power of the distinct validators behind `type round value`. */
  readonly #powers = new Map<string, number>()
  /** The rounds with a polka for a value, ascending. */
  readonly #polkas = new Map<Hash, number[]>()

  constructor(committee: Committee) {
    this.committee = committee
  }

  /** False when this was known already, or comes from nobody of the committee. */
  addVote(vote: SignedVote): boolean {
    const validator = validatorOf(this.committee, vote.validator)
    if (validator === undefined) return false
    const value = vote.valueId ?? 'nil'
    if (!note(this.#votes, `${vote.validator} ${vote.type} ${vote.round}`, value, vote)) return false
    const key = `${vote.type} ${vote.round} ${value}`
    const before = this.#powers.get(key) ?? 0
    const power = before + validator.power
    this.#powers.set(key, power)
    const { totalPower } = this.committee
    const isForValue = vote.type === 'prevote' && vote.valueId !== null
    if (isForValue && isMoreThanTwoThirds(power, totalPower) && !isMoreThanTwoThirds(before, totalPower)) {
      const rounds = this.#polkas.get(vote.valueId!) ?? []
      this.#polkas.set(
        vote.valueId!,
        [...rounds, vote.round].sort((a, b) => a - b),
      )
    }
    return true
  }

  addProposal(proposal: SignedProposal): boolean {
    const said = `${proposal.valueId} ${proposal.validRound}`
    return note(this.#proposals, `${proposal.proposer} ${proposal.round}`, said, proposal)
  }

  has({ validator, type, round, valueId }: SignedVote): boolean {
    return this.#votes.get(`${validator} ${type} ${round}`)?.has(valueId ?? 'nil') ?? false
  }

  hasProposal({ proposer, round, valueId, validRound }: SignedProposal): boolean {
    return this.#proposals.get(`${proposer} ${round}`)?.has(`${valueId} ${validRound}`) ?? false
  }

  addCommit(commit: Commit): void {
    for (const vote of precommitsOf(commit)) this.addVote(vote)
  }

  /** Whether more than two thirds prevoted for the value in a round of `from` to `before` - 1. */
  hasPolka(valueId: Hash, from: number, before: number): boolean {
    return (this.#polkas.get(valueId) ?? []).some(round => round >= from && round < before)
  }

  /** What a validator said, in the order in which it was seen. */
  votesOf(validator: Address, type: VoteType): SignedVote[] {
    const prefix = `${validator} ${type} `
    return [...this.#votes].flatMap(([key, votes]) => (key.startsWith(prefix) ? [...votes.values()] : []))
  }

  /** The votes and proposals that stand against one another, a list for each. */
  contradictions(): (SignedVote[] | SignedProposal[])[] {
    return [...this.#votes.values(), ...this.#proposals.values()]
      .filter(sayings => sayings.size > 1)
      .map(sayings => [...sayings.values()] as SignedVote[] | SignedProposal[])
  }
}

/** Counted apart from the code that is watched here. */
export function isMoreThanTwoThirds(power: number, total: number): boolean {
  return BigInt(power) * 3n > BigInt(total) * 2n
}

/** The votes that a commit is made of. */
export function precommitsOf({ height, round, valueId, precommits }: Commit): SignedVote[] {
  return precommits.map(signed => ({ type: 'precommit', height, round, valueId, ...signed }))
}

function note<T>(all: Map<string, Sayings<T>>, key: string, said: string, what: T): boolean {
  const sayings = all.get(key)
  if (sayings === undefined) all.set(key, new Map([[said, what]]))
  else if (sayings.has(said)) return false
  else sayings.set(said, what)
  return true
}
