import { type Findings, fromHex, type Recipe, sectionsOf, segmentsOf, verifyMerkleProof } from '@hydraai/core'
import { LedgerError } from '../errors.ts'
import type { Challenge, TracePoint, Update } from '../state/types.ts'

/** Steps done before a segment of a unit's trace, and after it. */
export function stepsOfSegment(recipe: Recipe, segment: number): { from: number; to: number } {
  const { stepsPerUnit, traceEvery } = recipe
  return { from: segment * traceEvery, to: Math.min((segment + 1) * traceEvery, stepsPerUnit) }
}

/**
 * Whether findings fit the recipe, and carry a challenge where they claim a mismatch, whose leaves are in the trainer's
 * trace. @throws LedgerError CHALLENGE_REFUSED
 */
export function checkChallenge(recipe: Recipe, update: Update, findings: Findings, challenge: Challenge | null): void {
  const all = segmentsOf(recipe)
  const { replay } = findings
  if (replay !== null && replay.segments > all) refuse(`${replay.segments} segments of ${all} were replayed`)
  const mismatch = replay?.mismatch ?? null
  if (mismatch?.type !== challenge?.type) refuse('a mismatch needs a challenge of its kind, and nothing else has one')
  if (challenge?.type === 'seal') {
    if (replay!.segments !== all) refuse('the sealing is known only after all segments')
    if (!isLeaf(update, challenge.after, all - 1, all)) refuse('its leaf is not the last of the trace')
  } else if (challenge !== null && mismatch?.type === 'trace') {
    if (mismatch.segment !== challenge.segment) refuse('it is about another segment')
    checkTrace(recipe, update, challenge, all)
  }
}

function checkTrace(recipe: Recipe, update: Update, challenge: Challenge & { type: 'trace' }, all: number): void {
  const { segment, before, after, hashes } = challenge
  const beginsRight =
    segment === 0 ? before.leaf === null && before.proof.length === 0 : isLeaf(update, before, segment - 1, all)
  if (!beginsRight) refuse('its first leaf is not in the trace')
  if (!isLeaf(update, after, segment, all)) refuse('its second leaf is not in the trace')
  const { from, to } = stepsOfSegment(recipe, segment)
  const sections = sectionsOf(from, to).length
  if (hashes.length !== sections) refuse(`it has ${hashes.length} states for ${sections} sections`)
  if (hashes.at(-1) === after.leaf) refuse('it comes to the same state as the trainer')
}

function isLeaf({ reveal }: Update, { leaf, proof }: TracePoint, index: number, count: number): boolean {
  if (leaf === null) return false
  return verifyMerkleProof({ leaf: fromHex(leaf), index, count, proof, root: reveal!.traceRoot })
}

function refuse(problem: string): never {
  throw new LedgerError('CHALLENGE_REFUSED', `the challenge is refused: ${problem}`)
}
