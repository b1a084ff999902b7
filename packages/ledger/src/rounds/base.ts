import { type Hash, ZERO_HASH } from '@hydraai/core'
import { withExposures } from '../economics/exposure.ts'
import { LedgerError } from '../errors.ts'
import type { Draft } from '../state/draft.ts'
import type { Round } from '../state/types.ts'
import type { BaseUpdate } from './result.ts'
import { enterPhase, openNextRound, requirePhase } from './round.ts'
import { isRevealed } from './update.ts'

/**
 * The next round starts from what these updates come to, before they are verified; they are verified while it is trained.
 * If they are all accepted, which is the rule, that is what the model comes to as well.
 */
export function applyBase(draft: Draft, { model, round: number, included, parameters }: BaseUpdate): void {
  const round = requirePhase(draft, model, number, 'base')
  if (draft.settling.get(model) !== undefined) refuse(model, 'the round before has not settled yet')
  if (parameters === ZERO_HASH) refuse(model, 'it has no parameters')
  if (included.length === 0) refuse(model, 'it comes from no update')
  for (const [i, index] of included.entries()) {
    const update = round.updates[index]
    if (update === undefined || !isRevealed(update) || (i > 0 && index <= included[i - 1]!))
      refuse(model, `update ${index} is not revealed, or out of order`)
  }
  beginSettling(draft, round, parameters, included)
}

/**
 * A round waits for the one before to settle. Then the model's own parameters are the base if nobody brings another in
 * time, or if there is nothing to make another of, in which case nothing settles either.
 */
export function advanceBase(draft: Draft, round: Round): void {
  if (draft.settling.get(round.model) !== undefined) return
  const { parameters } = draft.model(round.model)
  if (!round.updates.some(isRevealed)) openNextRound(draft, round, parameters)
  else if (draft.block.height >= round.phaseEndsAt) beginSettling(draft, round, parameters, [])
}

/** The model's round that settled is gone: the one that waited for it may have its base. */
export function closeSettling(draft: Draft, { model }: Round): void {
  const { height, parameters } = draft.block
  draft.settling.delete(model)
  const waiting = draft.round(model)
  if (waiting.phase === 'base') draft.rounds.set(model, { ...waiting, phaseEndsAt: height + parameters.phases.base })
}

function beginSettling(draft: Draft, round: Round, parameters: Hash, included: readonly number[]): void {
  const { height, parameters: chain } = draft.block
  const { model, number, updates } = round
  const revealed = updates.filter(isRevealed).length
  draft.events.push({ type: 'base', model, round: number, parameters, included: included.length, revealed })
  const inBase = new Set(included)
  const marked = { ...round, updates: updates.map((update, index) => ({ ...update, included: inBase.has(index) })) }
  const exposed = withExposures(draft, marked, inBase)
  enterPhase(draft, { ...exposed, phase: 'verify', phaseEndsAt: height + chain.phases.verify })
  openNextRound(draft, round, parameters)
}

function refuse(model: string, problem: string): never {
  throw new LedgerError('BASE_REFUSED', `the base of the next round of ${model} is refused: ${problem}`)
}
