import type { Address, Hash } from '@hydraai/core'
import type { Dispute, LedgerState, Question } from '../state/types.ts'
import type { RulingQuestion } from './ruling.ts'

/** A question that waits for a ruling. */
export interface RulingDue {
  readonly type: 'ruling'
  readonly dispute: Dispute
  readonly question: RulingQuestion
}

/** A question that waits for the move of a party. */
export interface MoveDue<Q extends Question = Question> {
  readonly dispute: Dispute
  readonly question: Q
}

/** A state that a ruling needs and that this party can compute: after `step` steps, its content id `hash`. */
export interface StateDue {
  readonly dispute: Dispute
  readonly step: number
  readonly hash: Hash
}

/** By dispute key. */
export function rulingsDue(_state: LedgerState): RulingDue[] {
  return []
}

/** Questions to this trainer. */
export function picksDue(_state: LedgerState, _address: Address): MoveDue<Extract<Question, { type: 'pick' }>>[] {
  return []
}

/** Questions to this challenger. */
export function narrowsDue(_state: LedgerState, _address: Address): MoveDue<Extract<Question, { type: 'narrow' }>>[] {
  return []
}

/** States that a party to a dispute should serve. */
export function statesDue(_state: LedgerState, _address: Address): StateDue[] {
  return []
}
