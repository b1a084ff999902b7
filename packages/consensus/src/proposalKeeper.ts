import type { SignedProposal } from './proposal.ts'

/** A proposal and what the host found of its value: the paper's valid(v). */
export interface JudgedProposal {
  readonly proposal: SignedProposal
  readonly valid: boolean
  /** Proposed near the present, by the clock of who judged it: needed for the prevote of line 22 alone. */
  readonly timely: boolean
}

/**
 * The proposals of one round. The first is the one to vote on (lines 22 and 28). A proposer that makes two is Byzantine,
 * but others may have locked or decided the other, so one more is kept for lines 36 and 49.
 */
export interface RoundProposals {
  readonly round: number
  readonly first: JudgedProposal
  readonly other: JudgedProposal | null
}

/** By round, ascending: at most two proposals a round. */
export type ProposalKeeper = readonly RoundProposals[]

/** The proposals of the round, the first one first. */
export function proposalsOf(keeper: ProposalKeeper, round: number): JudgedProposal[] {
  const found = keeper.find(entry => entry.round === round)
  return found === undefined ? [] : allOf(found)
}

/** Both proposals of a round, or the only one. */
export function allOf({ first, other }: RoundProposals): JudgedProposal[] {
  return other === null ? [first] : [first, other]
}

function isSame(a: JudgedProposal, b: JudgedProposal): boolean {
  return a.proposal.valueId === b.proposal.valueId && a.proposal.validRound === b.proposal.validRound
}

/** One judged invalid may be judged again, as when its value had not arrived; one judged valid stays so. */
function judgedAgain(known: JudgedProposal, again: JudgedProposal): JudgedProposal {
  return isSame(known, again) && again.valid && !known.valid ? { ...known, valid: true } : known
}

/**
 * The keeper with one more proposal, which must come from the proposer of its round. `isWanted` says whether a quorum of
 * that round voted for the value of a proposal: only then does a third one take the place of the second.
 */
export function addProposal(
  keeper: ProposalKeeper,
  added: JudgedProposal,
  isWanted: (proposal: SignedProposal) => boolean,
): ProposalKeeper {
  const { round } = added.proposal
  const index = keeper.findIndex(entry => entry.round >= round)
  const at = index === -1 ? keeper.length : index
  const known = keeper[at]
  if (known === undefined || known.round !== round) return keeper.toSpliced(at, 0, { round, first: added, other: null })

  const first = judgedAgain(known.first, added)
  let other = known.other === null ? null : judgedAgain(known.other, added)
  const isNew = !allOf(known).some(entry => isSame(entry, added))
  if (isNew && (other === null || (isWanted(added.proposal) && !isWanted(other.proposal)))) other = added
  if (first === known.first && other === known.other) return keeper
  return keeper.with(at, { round, first, other })
}
