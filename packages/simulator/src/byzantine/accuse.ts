import type { SignedProposal, SignedVote, Validator } from '@hydraai/consensus'
import type { Address } from '@hydraai/core'
import type { Testimony } from './testimony.ts'

/** What somebody did that no honest validator ever does, with the messages that show it. */
export type Charge =
  /** Two votes of one kind in one round (lines 24, 30, 40, 45, 59 and 63 are each done once). */
  | { readonly type: 'equivocation'; readonly votes: readonly SignedVote[] }
  /** Two proposals in one round (line 19 is done once). */
  | { readonly type: 'two-proposals'; readonly proposals: readonly SignedProposal[] }
  /** A precommit for a value without a polka for it in that round (lines 36 to 40). */
  | { readonly type: 'no-polka'; readonly precommit: SignedVote }
  /**
   * A precommit for one value, a prevote for another one in a later round, and no polka for the other one from the
   * round of the first to before that of the second: the lock was forgotten (lines 23 and 29).
   */
  | { readonly type: 'amnesia'; readonly precommit: SignedVote; readonly prevote: SignedVote }

export interface Accusation {
  readonly validator: Address
  readonly charge: Charge
}

/**
 * Who broke the rules of the paper at a height, from everything that honest validators saw of it (their own messages and
 * the commits among it). Nobody honest is ever accused: whoever is honest saw, before it signed, the very polka that
 * clears it. And when two different values were committed, those accused have more than a third of the power:
 *
 *  - both in one round: who signed both equivocated, and two quorums share more than a third;
 *  - v in round r, w in a later one: without a polka for w in the round of its commit all of its signers are guilty.
 *    Else take the first round s > r with a polka for something else than v, say for x. Who signed the commit of v and is in
 *    that polka, more than a third, precommitted v in r and prevoted x in s; a polka for x in r..s-1 could only be in r
 *    itself, and then either those in it and in the polka for v of the same round equivocated, more than a third too, or
 *    there is no polka for v in r and all signers of the first commit are guilty.
 */
export function accuse(testimony: Testimony): Accusation[] {
  const accused: Accusation[] = testimony.contradictions().map(chargeOfContradiction)
  for (const { address: validator } of testimony.committee.validators) {
    const precommits = testimony.votesOf(validator, 'precommit')
    const prevotes = testimony.votesOf(validator, 'prevote')
    for (const precommit of precommits) {
      const lack = chargeOfPrecommit(testimony, precommit)
      if (lack) accused.push({ validator, charge: lack })
      for (const prevote of prevotes) {
        const charge = chargeOfPair(testimony, precommit, prevote)
        if (charge) accused.push({ validator, charge })
      }
    }
  }
  return accused
}

/** What the vote itself, beside those before it, says against who signed it; null: nothing. */
export function chargeOfVote(testimony: Testimony, vote: SignedVote): Charge | null {
  const sameKind = testimony.votesOf(vote.validator, vote.type).filter(({ round }) => round === vote.round)
  if (sameKind.length > 1) return { type: 'equivocation', votes: sameKind }
  if (vote.type === 'precommit') return chargeOfPrecommit(testimony, vote)
  for (const precommit of testimony.votesOf(vote.validator, 'precommit')) {
    const charge = chargeOfPair(testimony, precommit, vote)
    if (charge) return charge
  }
  return null
}

/** Those accused, once each. */
export function guiltyOf({ committee }: Testimony, accused: readonly Accusation[]): Validator[] {
  const names = new Set(accused.map(({ validator }) => validator))
  return committee.validators.filter(({ address }) => names.has(address))
}

function chargeOfContradiction(messages: SignedVote[] | SignedProposal[]): Accusation {
  const [first] = messages
  if (isVotes(messages)) return { validator: messages[0]!.validator, charge: { type: 'equivocation', votes: messages } }
  return { validator: (first as SignedProposal).proposer, charge: { type: 'two-proposals', proposals: messages } }
}

function isVotes(messages: SignedVote[] | SignedProposal[]): messages is SignedVote[] {
  return 'validator' in messages[0]!
}

function chargeOfPrecommit(testimony: Testimony, precommit: SignedVote): Charge | null {
  const { valueId, round } = precommit
  return valueId === null || testimony.hasPolka(valueId, round, round + 1) ? null : { type: 'no-polka', precommit }
}

function chargeOfPair(testimony: Testimony, precommit: SignedVote, prevote: SignedVote): Charge | null {
  const { round } = precommit
  if (precommit.valueId === null || prevote.valueId === null || prevote.round <= round) return null
  if (prevote.valueId === precommit.valueId) return null
  const isCleared = testimony.hasPolka(prevote.valueId, round, prevote.round)
  return isCleared ? null : { type: 'amnesia', precommit, prevote }
}
