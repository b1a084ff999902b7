import type { Address, Hash } from '@hydraai/core'
import { stepsOfSegment } from '../rounds/challenge.ts'
import { isOpen } from '../rounds/findings.ts'
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
  /** Null: the leaf in the payload. */
  readonly hash: Hash | null
}

/** Those that lapse first come first, so that no number of others can make one lapse that could have been answered before. */
export function rulingsDue(state: LedgerState): RulingDue[] {
  const due: RulingDue[] = []
  for (const dispute of state.disputes.values()) {
    const { question } = dispute
    if (question.type !== 'pick' && question.type !== 'narrow') due.push({ type: 'ruling', dispute, question })
  }
  return due.sort((a, b) => a.dispute.until - b.dispute.until)
}

/** Questions to this trainer. */
export function picksDue(state: LedgerState, address: Address): MoveDue<Extract<Question, { type: 'pick' }>>[] {
  return [...state.disputes.values()].flatMap(dispute => {
    const { question, update } = dispute
    return question.type === 'pick' && update.trainer === address ? [{ dispute, question }] : []
  })
}

/** Questions to this challenger. */
export function narrowsDue(state: LedgerState, address: Address): MoveDue<Extract<Question, { type: 'narrow' }>>[] {
  return [...state.disputes.values()].flatMap(dispute => {
    const { question } = dispute
    return question.type === 'narrow' && question.challenger === address ? [{ dispute, question }] : []
  })
}

/**
 * States that rulings need, if this is the trainer or a verifier that replayed as far: each has the state of that hash,
 * unless it is the other side that told the truth.
 */
export function statesDue(state: LedgerState, address: Address): StateDue[] {
  return [...state.disputes.values()].flatMap(dispute => {
    const needed = stateNeeded(state, dispute)
    return needed !== null && hasRun(dispute, address) ? [{ dispute, ...needed }] : []
  })
}

function stateNeeded(state: LedgerState, { model, question }: Dispute): Omit<StateDue, 'dispute'> | null {
  const { recipe } = state.models.get(model)!
  switch (question.type) {
    case 'step':
      return question.before === null ? null : { step: question.from, hash: question.before }
    case 'key':
      return { step: stepsOfSegment(recipe, question.segment).to, hash: null }
    case 'seal':
      return { step: recipe.stepsPerUnit, hash: question.leaf }
    default:
      return null
  }
}

function hasRun({ update }: Dispute, address: Address): boolean {
  if (update.trainer === address) return true
  return update.verdicts
    .filter(isOpen)
    .some(({ verifier, findings }) => verifier === address && findings.replay !== null)
}
