import { type Address, equalLightFindings, type Recipe, segmentsOf, ZERO_HASH } from '@hydraai/core'
import { LedgerError } from '../errors.ts'
import { stepsOfSegment } from '../rounds/challenge.ts'
import type { OpenVerdict } from '../rounds/findings.ts'
import type { Dispute, Question } from '../state/types.ts'
import { saidOfSegment, standingOf, type TraceChallenge, wholeSegment } from './challenges.ts'
import { contradictsLight } from './contradiction.ts'
import type { Refutation } from './ending.ts'
import type { RulingAnswer } from './ruling.ts'

/** Where a dispute goes from here. */
export type Turn =
  /** The next challenger after `heard` has its turn. */
  | { readonly type: 'next'; readonly heard: Address | null }
  /** The challenger has won against the trainer; what happens in the whole segment tells whether that was a game. */
  | { readonly type: 'whole'; readonly question: Extract<Question, { type: 'step' }> }
  | { readonly type: 'refuted'; readonly upheld: Address | null; readonly refutation: Refutation }

export interface Judgement {
  /** Verifiers whom the answer proves wrong, in order of address. */
  readonly wrong: readonly Address[]
  readonly turn: Turn
}

/**
 * What the true answer to a dispute's question shows. Nobody is ever held wrong for what somebody else said: only for having
 * disclosed, or denied in a move of their own, what contradicts the answer. @throws LedgerError RULING_REFUSED
 */
export function judge(recipe: Recipe, dispute: Dispute, answer: RulingAnswer): Judgement {
  const { question, update } = dispute
  const { claims, reveal } = update
  const standing = standingOf(dispute)
  if (question.type === 'findings' && answer.type === 'findings') {
    const { findings: truth } = answer
    const wrong = addressesOf(standing, ({ findings }) => !equalLightFindings(findings, truth))
    if (!contradictsLight(claims, truth)) return { wrong, turn: { type: 'next', heard: null } }
    return { wrong, turn: { type: 'refuted', upheld: null, refutation: { type: 'findings', truth } } }
  }
  if (question.type === 'key' && answer.type === 'key') {
    const { segment, challenger } = question
    // Who has a key of the segment has the trainer's state at its end, from which the answer was made.
    const wrong = addressesOf(standing, ({ findings: { replay } }) => {
      const key = replay?.keys[segment]
      return key !== undefined && key !== answer.key
    })
    const isRight = claims?.keys[segment] === answer.key
    return { wrong, turn: isRight ? next(challenger) : refuted(challenger, { type: 'key', segment }) }
  }
  if (question.type === 'seal' && answer.type === 'seal') {
    const isRight = answer.payload === reveal?.payload && answer.residual === reveal.residual
    // Who replayed everything says, too, what that seals to.
    const wrong = addressesOf(standing, ({ findings: { replay } }) => {
      if (replay === null || replay.keys.length < segmentsOf(recipe)) return false
      return isRight === (replay.mismatch?.type === 'seal')
    })
    return { wrong, turn: isRight ? next(question.challenger) : refuted(question.challenger, { type: 'seal' }) }
  }
  if (question.type === 'step' && answer.type === 'step') return judgeSteps(recipe, dispute, question, answer.after)
  throw new LedgerError('RULING_REFUSED', `the question is of type ${question.type}, the answer of type ${answer.type}`)
}

function judgeSteps(
  recipe: Recipe,
  dispute: Dispute,
  question: Extract<Question, { type: 'step' }>,
  after: string | null,
): Judgement {
  const { challenger } = question
  const standing = standingOf(dispute)
  const truth = after ?? ZERO_HASH
  const challenge = challengeOf(dispute, challenger)
  const { from, to } = stepsOfSegment(recipe, challenge.segment)
  if (question.from === from && question.to === to) {
    // Everybody who agrees to the segment's beginning has said what its end is.
    const wrong = addressesOf(standing, verdict => {
      const said = saidOfSegment(verdict, challenge)
      return said !== null && said !== truth
    })
    if (truth === challenge.after.leaf) return { wrong, turn: next(challenger) }
    return { wrong, turn: refuted(challenger, { type: 'trace', judged: true }) }
  }
  // Others with the same challenge were not asked how they come to it, so nothing is proven of them.
  if (truth !== question.after) return { wrong: [challenger], turn: next(challenger) }
  return { wrong: [], turn: upholding(recipe, dispute, challenger) }
}

/**
 * What follows when a challenger has won against the trainer, who may be its friend and have lost on purpose. So if any
 * other verifier says something else of the segment, all of it is run, and whatever that shows counts instead.
 */
export function upholding(recipe: Recipe, dispute: Dispute, challenger: Address): Turn {
  const challenge = challengeOf(dispute, challenger)
  const others = standingOf(dispute).some(verdict => {
    const said = saidOfSegment(verdict, challenge)
    return said !== null && said !== challenge.hashes.at(-1)
  })
  if (others) return { type: 'whole', question: wholeSegment(recipe, challenger, challenge) }
  return refuted(challenger, { type: 'trace', judged: true })
}

function next(heard: Address): Turn {
  return { type: 'next', heard }
}

function refuted(upheld: Address, refutation: Refutation): Turn {
  return { type: 'refuted', upheld, refutation }
}

function challengeOf({ update }: Dispute, challenger: Address): TraceChallenge {
  return update.verdicts.find(({ verifier }) => verifier === challenger)!.challenge as TraceChallenge
}

function addressesOf(verdicts: readonly OpenVerdict[], holds: (verdict: OpenVerdict) => boolean): Address[] {
  return verdicts.filter(holds).map(({ verifier }) => verifier)
}
