import type { Address, Hash, Recipe } from '@hydraai/core'
import { stepsOfSegment } from '../rounds/challenge.ts'
import { isOpen, type OpenVerdict } from '../rounds/findings.ts'
import { compareKeys } from '../state/sortedTable.ts'
import type { Challenge, Dispute, Question, Update } from '../state/types.ts'
import { contradictsReplay, falseKeyOf } from './contradiction.ts'
import { afterShowing } from './stretch.ts'

export type TraceChallenge = Extract<Challenge, { type: 'trace' }>

/** Verdicts on the update that no ruling has proven wrong, in order of verifier. */
export function standingOf({ update, wrong }: Pick<Dispute, 'update' | 'wrong'>): OpenVerdict[] {
  return update.verdicts
    .filter(isOpen)
    .filter(({ verifier }) => !wrong.includes(verifier))
    .sort((a, b) => compareKeys(a.verifier, b.verifier))
}

/** Those whose replay is to be heard, after `heard`; null: from the first. */
export function challengersAfter(dispute: Dispute, heard: Address | null): OpenVerdict[] {
  return standingOf(dispute).filter(
    verdict => (heard === null || verdict.verifier > heard) && contradictsReplay(dispute.update, verdict),
  )
}

/** The first question that a challenger's replay leads to. */
export function firstQuestion(recipe: Recipe, update: Update, verdict: OpenVerdict): Question {
  const { verifier: challenger, challenge } = verdict
  const segment = falseKeyOf(update, verdict)
  if (segment !== null) return { type: 'key', challenger, segment }
  if (challenge!.type === 'seal') return { type: 'seal', challenger, leaf: challenge!.after.leaf! }
  const { from, to } = stepsOfSegment(recipe, challenge!.segment)
  return afterShowing({ challenger, from, to, before: challenge!.before.leaf }, challenge!.hashes)
}

/** The question of everything that happens in the challenged segment. */
export function wholeSegment(
  recipe: Recipe,
  challenger: Address,
  challenge: TraceChallenge,
): Extract<Question, { type: 'step' }> {
  const { from, to } = stepsOfSegment(recipe, challenge.segment)
  return { type: 'step', challenger, from, to, before: challenge.before.leaf, after: endOf(challenge) }
}

/** What a verifier says of one segment's end, having agreed to its beginning; null when it says nothing about it. */
export function saidOfSegment(verdict: OpenVerdict, challenged: TraceChallenge): Hash | null {
  const { challenge, findings } = verdict
  if (challenge?.type === 'trace' && challenge.segment === challenged.segment) return endOf(challenge)
  const agreed = (findings.replay?.keys.length ?? 0) > challenged.segment
  return agreed ? challenged.after.leaf : null
}

/** The challenger's own state at the end of the segment; ZERO_HASH: it comes to nothing finite. */
function endOf({ hashes }: TraceChallenge): Hash {
  return hashes.at(-1)!
}

/** Two honest challengers of a unit find the same. */
export function sameChallenge(a: Challenge | null, b: Challenge | null): boolean {
  if (a?.type !== 'trace' || b?.type !== 'trace') return a?.type === 'seal' && b?.type === 'seal'
  if (a.segment !== b.segment || a.hashes.length !== b.hashes.length) return false
  return a.hashes.every((hash, i) => hash === b.hashes[i])
}
