import type { Address, Hash } from '@hydraai/core'
import { type Evidence, makeEvidence } from './evidence.ts'
import { hasHonest, isQuorum } from './quorum.ts'
import type { SignedVote, VoteType } from './vote.ts'

/**
 * The votes of one height, counted by round.
 *
 * The rule for a second, conflicting vote of the same validator, kind and round:
 *  - the first counts in every total; the second is evidence, reported once, and adds nothing to the totals "any", "nil"
 *    and "skip", so no validator ever weighs twice in one sum;
 *  - for the quorum of its own value alone it counts too, once another validator's first vote is for that value. The
 *    paper's rules ask for 2f + 1 messages for v from distinct validators; its log keeps both messages of an equivocator.
 *    Were the second dropped, one Byzantine validator could show a polka to a single honest one, who locks, and nil to the
 *    others, who could then never accept that polka (line 28): nobody would decide again. Safety stands either way, for
 *    two quorums of different values always share an honest validator, and that one votes once.
 * Memory is bounded: of a validator's conflicting votes the first few are kept, later ones only for a value that others
 * stand behind. A vote that is dropped leaves the keeper as it was, and may be given again.
 */
export interface VoteKeeper {
  readonly totalPower: number
  /** By round, ascending; only rounds that have votes. */
  readonly rounds: readonly RoundVotes[]
}

export interface RoundVotes {
  readonly round: number
  readonly prevotes: Tally
  readonly precommits: Tally
  /** Power of the distinct validators who voted in this round with either kind (line 55). */
  readonly votersPower: number
  /** Thresholds already told of. */
  readonly reported: readonly Threshold[]
}

/** One kind of vote in one round. */
export interface Tally {
  /** The first vote of each validator, by address as text, so that a search halves and the order of arrival leaves no trace. */
  readonly votes: readonly SignedVote[]
  /** Second votes, for values beside the first one's. */
  readonly conflicting: readonly { readonly vote: SignedVote; readonly power: number }[]
  /** Those whose equivocation was reported. */
  readonly equivocators: readonly Address[]
  /** Power of the distinct validators. */
  readonly power: number
  /** Power for each value and nil, by the rule above. */
  readonly powers: readonly { readonly valueId: Hash | null; readonly power: number }[]
}

/** A threshold: more than two thirds for a value, for nil, for anything together; more than a third in a later round. */
export type Threshold =
  | { readonly type: 'PolkaValue'; readonly round: number; readonly valueId: Hash }
  | { readonly type: 'PolkaNil'; readonly round: number }
  | { readonly type: 'PolkaAny'; readonly round: number }
  | { readonly type: 'PrecommitValue'; readonly round: number; readonly valueId: Hash }
  | { readonly type: 'PrecommitAny'; readonly round: number }
  | { readonly type: 'Skip'; readonly round: number }

/** Conflicting votes of one validator that are kept though nobody else votes so. */
const MAX_UNSUPPORTED = 4

const EMPTY_TALLY: Tally = { votes: [], conflicting: [], equivocators: [], power: 0, powers: [] }

export function makeVoteKeeper(totalPower: number): VoteKeeper {
  return { totalPower, rounds: [] }
}

/** The votes of a round, or undefined while there is none. */
export function votesOf(keeper: VoteKeeper, round: number): RoundVotes | undefined {
  return keeper.rounds.find(votes => votes.round === round)
}

function tallyOf(votes: RoundVotes, type: VoteType): Tally {
  return type === 'prevote' ? votes.prevotes : votes.precommits
}

/** What a single vote did. */
export interface VoteOutcome {
  keeper: VoteKeeper
  /**
   * The threshold that the vote reached: `Skip` while its round is later than `currentRound` and has voters of more than
   * a third of the power; else a quorum for what it votes for, or one for anything together, told once each.
   */
  threshold: Threshold | null
  /** Set when the validator is caught for the first time in this round and kind. */
  evidence: Evidence | null
}

/**
 * Counts one vote whose signature was checked. `power` is the validator's; `currentRound` that of the round machine.
 * A vote that is there already changes nothing.
 */
export function applyVote(keeper: VoteKeeper, vote: SignedVote, power: number, currentRound: number): VoteOutcome {
  const before = votesOf(keeper, vote.round) ?? {
    round: vote.round,
    prevotes: EMPTY_TALLY,
    precommits: EMPTY_TALLY,
    votersPower: 0,
    reported: [],
  }
  const { tally, counted, evidence } = addToTally(tallyOf(before, vote.type), vote, power)
  if (tally === null) return { keeper, threshold: null, evidence: null }
  const other = vote.type === 'prevote' ? before.precommits : before.prevotes
  const isFirst = tally.votes !== tallyOf(before, vote.type).votes
  const isNewVoter = isFirst && firstVoteOf(other, vote.validator) === undefined
  const after: RoundVotes = {
    ...before,
    ...(vote.type === 'prevote' ? { prevotes: tally } : { precommits: tally }),
    votersPower: before.votersPower + (isNewVoter ? power : 0),
  }
  const threshold = counted ? thresholdOf(after, vote, keeper.totalPower, currentRound) : null
  const told = threshold === null || threshold.type === 'Skip' ? after.reported : [...after.reported, threshold]
  return { keeper: withRound(keeper, { ...after, reported: told }), threshold, evidence }
}

function withRound(keeper: VoteKeeper, votes: RoundVotes): VoteKeeper {
  const index = keeper.rounds.findIndex(({ round }) => round >= votes.round)
  const at = index === -1 ? keeper.rounds.length : index
  const replaced = keeper.rounds[at]?.round === votes.round ? 1 : 0
  return { ...keeper, rounds: keeper.rounds.toSpliced(at, replaced, votes) }
}

/** Where the validator's first vote stands in the tally, or would stand. */
function placeOf({ votes }: Tally, validator: Address): number {
  let low = 0
  let high = votes.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (votes[middle]!.validator < validator) low = middle + 1
    else high = middle
  }
  return low
}

function firstVoteOf(tally: Tally, validator: Address): SignedVote | undefined {
  const vote = tally.votes[placeOf(tally, validator)]
  return vote?.validator === validator ? vote : undefined
}

interface Added {
  /** Null: nothing changed. */
  tally: Tally | null
  /** Whether the vote added to a total. */
  counted: boolean
  evidence: Evidence | null
}

function addToTally(tally: Tally, vote: SignedVote, power: number): Added {
  const unchanged: Added = { tally: null, counted: false, evidence: null }
  const first = firstVoteOf(tally, vote.validator)
  if (first === undefined) {
    const votes = tally.votes.toSpliced(placeOf(tally, vote.validator), 0, vote)
    // The first to stand behind a value brings in the conflicting votes that waited for that.
    const waiting = isSupported(tally, vote.valueId) ? 0 : conflictingPower(tally, vote.valueId)
    const powers = addPower(tally.powers, vote.valueId, power + waiting)
    return { tally: { ...tally, votes, power: tally.power + power, powers }, counted: true, evidence: null }
  }
  if (first.valueId === vote.valueId) return unchanged

  const isCaught = tally.equivocators.includes(vote.validator)
  const counted = isSupported(tally, vote.valueId)
  const own = tally.conflicting.filter(entry => entry.vote.validator === vote.validator)
  const isKept =
    vote.valueId !== null &&
    (counted || own.length < MAX_UNSUPPORTED) &&
    !own.some(entry => entry.vote.valueId === vote.valueId)
  if (isCaught && !isKept) return unchanged
  return {
    tally: {
      ...tally,
      equivocators: isCaught ? tally.equivocators : [...tally.equivocators, vote.validator],
      conflicting: isKept ? [...tally.conflicting, { vote, power }] : tally.conflicting,
      powers: isKept && counted ? addPower(tally.powers, vote.valueId, power) : tally.powers,
    },
    counted: isKept && counted,
    evidence: isCaught ? null : makeEvidence(first, vote),
  }
}

/** Whether somebody's first vote is for the value: only then does it have an entry among the powers. */
function isSupported(tally: Tally, valueId: Hash | null): boolean {
  return valueId !== null && tally.powers.some(entry => entry.valueId === valueId)
}

function conflictingPower(tally: Tally, valueId: Hash | null): number {
  return tally.conflicting.reduce((sum, { vote, power }) => sum + (vote.valueId === valueId ? power : 0), 0)
}

function addPower(powers: Tally['powers'], valueId: Hash | null, power: number): Tally['powers'] {
  if (!powers.some(entry => entry.valueId === valueId)) return [...powers, { valueId, power }]
  return powers.map(entry => (entry.valueId === valueId ? { valueId, power: entry.power + power } : entry))
}

function thresholdOf(votes: RoundVotes, vote: SignedVote, total: number, currentRound: number): Threshold | null {
  const { round, valueId, type } = vote
  if (round > currentRound && hasHonest(votes.votersPower, total)) return { type: 'Skip', round }
  const tally = tallyOf(votes, type)
  const isPrevote = type === 'prevote'
  let reached: Threshold | null = null
  if (hasQuorumFor(tally, valueId, total)) {
    if (valueId !== null) reached = { type: isPrevote ? 'PolkaValue' : 'PrecommitValue', round, valueId }
    else reached = { type: isPrevote ? 'PolkaNil' : 'PrecommitAny', round }
  } else if (isQuorum(tally.power, total)) {
    reached = { type: isPrevote ? 'PolkaAny' : 'PrecommitAny', round }
  }
  if (reached !== null && votes.reported.some(told => isSameThreshold(told, reached))) return null
  return reached
}

function isSameThreshold(a: Threshold, b: Threshold): boolean {
  return a.type === b.type && ('valueId' in a ? a.valueId : null) === ('valueId' in b ? b.valueId : null)
}

function hasQuorumFor(tally: Tally, valueId: Hash | null, total: number): boolean {
  return isQuorum(tally.powers.find(entry => entry.valueId === valueId)?.power ?? 0, total)
}

/** Whether more than two thirds voted so for the value (or nil) in that round. */
export function hasQuorum(keeper: VoteKeeper, type: VoteType, round: number, valueId: Hash | null): boolean {
  const votes = votesOf(keeper, round)
  return votes !== undefined && hasQuorumFor(tallyOf(votes, type), valueId, keeper.totalPower)
}

/** Whether more than two thirds voted in that round, whatever for (the paper's `∗`). */
export function hasQuorumOfAny(keeper: VoteKeeper, type: VoteType, round: number): boolean {
  const votes = votesOf(keeper, round)
  return votes !== undefined && isQuorum(tallyOf(votes, type).power, keeper.totalPower)
}

/** The latest round after `currentRound` in which voters of more than a third of the power are (line 55), or null. */
export function skipRoundOf(keeper: VoteKeeper, currentRound: number): number | null {
  const latest = keeper.rounds.findLast(
    ({ round, votersPower }) => round > currentRound && hasHonest(votersPower, keeper.totalPower),
  )
  return latest?.round ?? null
}

/** The votes of that kind and round that count for the value, those of equivocators included; one a validator. */
export function votesFor(keeper: VoteKeeper, type: VoteType, round: number, valueId: Hash | null): SignedVote[] {
  const votes = votesOf(keeper, round)
  if (votes === undefined) return []
  const tally = tallyOf(votes, type)
  const conflicting = isSupported(tally, valueId) ? tally.conflicting.map(({ vote }) => vote) : []
  return [...tally.votes, ...conflicting].filter(vote => vote.valueId === valueId)
}
