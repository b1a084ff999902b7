import { type Address, type Hash, sectionsOf, ZERO_HASH } from '@hydraai/core'
import type { Question } from '../state/types.ts'

/** Steps of a unit about which a trainer and its challenger disagree, though both have the state `before` at its start. */
export interface Stretch {
  readonly challenger: Address
  readonly from: number
  readonly to: number
  /** Null: the start of the unit. */
  readonly before: Hash | null
}

type MoveQuestion = Extract<Question, { type: 'pick' | 'narrow' | 'step' }>

/** What follows when the challenger has shown its states at the sections of a stretch. */
export function afterShowing(
  { challenger, from, to, before }: Stretch,
  hashes: readonly Hash[],
): Extract<Question, { type: 'pick' | 'step' }> {
  const stretch = { challenger, from, to, before }
  if (hashes.length === 1) return { type: 'step', ...stretch, after: hashes[0]! }
  return { type: 'pick', ...stretch, hashes }
}

/**
 * What follows when the trainer has denied number `index` of the states, and with that agreed to those before it. Null when
 * it has agreed to one that is no finite numbers: no unit comes to that, so it has refuted its own.
 */
export function afterDenial(question: Extract<Question, { type: 'pick' }>, index: number): MoveQuestion | null {
  const { challenger, hashes } = question
  const sections = sectionsOf(question.from, question.to)
  const from = index === 0 ? question.from : sections[index - 1]!
  const before = index === 0 ? question.before : hashes[index - 1]!
  if (before === ZERO_HASH) return null
  const to = sections[index]!
  const denied = { challenger, from, to, before, after: hashes[index]! }
  return to - from === 1 ? { type: 'step', ...denied } : { type: 'narrow', ...denied }
}

/** What follows when a party falls silent: everybody runs the whole stretch, so silence neither convicts nor saves anybody. */
export function afterSilence(
  question: Extract<Question, { type: 'pick' | 'narrow' }>,
): Extract<Question, { type: 'step' }> {
  const { challenger, from, to, before } = question
  const after = question.type === 'pick' ? question.hashes.at(-1)! : question.after
  return { type: 'step', challenger, from, to, before, after }
}
