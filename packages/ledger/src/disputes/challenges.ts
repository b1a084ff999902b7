import { type Address, type Hash, MAX_SEGMENTS, type Recipe } from '@hydraai/core'
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

/**
 * Those whose replay is to be heard after `heard`; null: from the first. Whoever contradicts an earlier part of the unit comes
 * first, for an honest challenger shows the first thing that is wrong: so no friend of the trainer that lets itself be
 * beaten, or lets itself win, is heard before it but who is proven wrong by it.
 */
export function challengersAfter(dispute: Dispute, heard: Address | null): OpenVerdict[] {
  const { update } = dispute
  const last = update.verdicts.filter(isOpen).find(({ verifier }) => verifier === heard)
  return standingOf(dispute)
    .filter(verdict => contradictsReplay(update, verdict))
    .filter(verdict => last === undefined || compareTurns(update, last, verdict) < 0)
    .sort((a, b) => compareTurns(update, a, b))
}

function compareTurns(update: Update, a: OpenVerdict, b: OpenVerdict): number {
  const [first, second] = [placeOf(update, a), placeOf(update, b)]
  return first.segment - second.segment || first.kind - second.kind || compareKeys(a.verifier, b.verifier)
}

function placeOf(update: Update, verdict: OpenVerdict): { segment: number; kind: number } {
  const { challenge } = verdict
  const key = falseKeyOf(update, verdict)
  if (key !== null) return { segment: key, kind: 1 }
  return challenge?.type === 'trace' ? { segment: challenge.segment, kind: 0 } : { segment: MAX_SEGMENTS, kind: 0 }
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
