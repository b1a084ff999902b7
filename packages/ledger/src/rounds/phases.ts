import { dropModel, FOUNDING_ROUND } from '../models/founding.ts'
import type { Draft } from '../state/draft.ts'
import type { Phase, Round, Update } from '../state/types.ts'
import { drawVerifiers, type VerifierPool, verifierPool } from './draw.ts'
import { hasValidQuorum } from './quorum.ts'
import { enterPhase, openNextRound } from './round.ts'
import { decide, settleRound } from './settlement.ts'
import { weightOf } from './weight.ts'

/** At the end of a block, takes a model's round one phase further if its phase is over. At most one change a block. */
export function advanceRound(draft: Draft, round: Round): void {
  const late = draft.block.height >= round.phaseEndsAt
  switch (round.phase) {
    case 'work':
      if (late || everyoneWorked(draft, round)) endWork(draft, round)
      break
    case 'reveal':
      break // Ends with the start of a block: see beginVerifications.
    case 'verify':
      if (late || pending(round).every(everyoneSpoke)) enterSettle(draft, round)
      break
    case 'settle':
      if (late || pending(round).every(update => update.replayKey !== null || !hasValidQuorum(update)))
        endSettle(draft, round)
      break
    case 'aggregate':
      // Ends with the block that brings the new model (see aggregate.ts). Should every holder of an accepted update have
      // lost it, the model goes on from where it was rather than never again. What never was founded has nothing to go on from.
      if (late && round.number === FOUNDING_ROUND) dropModel(draft, round)
      else if (late) openNextRound(draft, round)
      break
  }
}

/**
 * At the start of a block: where the reveals of a round ended with the block before, the verifiers are drawn by this
 * block's beacon. Its proposer knows that beacon before others, and so must have no say in whether it is the one.
 */
export function beginVerifications(draft: Draft): void {
  const rounds = draft.modelIds().map(model => draft.round(model))
  const over = rounds.filter(
    ({ phase, phaseEndsAt, updates }) =>
      phase === 'reveal' && (draft.block.height > phaseEndsAt || updates.every(update => update.reveal !== null)),
  )
  if (over.length === 0) return
  const pool = verifierPool(draft)
  for (const round of over) endReveal(draft, round, pool)
}

/** After the least length of the phase: nobody who trained in the round before is still at work. */
function everyoneWorked(draft: Draft, { openedAt, expected, updates }: Round): boolean {
  const { height, parameters } = draft.block
  if (height < openedAt + parameters.phases.work || updates.length === 0) return false
  const trainers = new Set(updates.map(update => update.trainer))
  return expected.every(trainer => trainers.has(trainer))
}

/** Work goes on block by block until somebody has committed something. */
function endWork(draft: Draft, round: Round): void {
  const { height, parameters } = draft.block
  if (round.updates.length === 0) draft.rounds.set(round.model, { ...round, phaseEndsAt: height + 1 })
  else enter(draft, round, 'reveal', parameters.phases.reveal)
}

/** What was not revealed expires; for the rest the verifiers are drawn. */
function endReveal(draft: Draft, round: Round, pool: VerifierPool): void {
  const { beacon, parameters } = draft.block
  const updates = round.updates.map(update => {
    if (update.reveal === null) return decide(draft, round, update, 'expired')
    const trainerWeight = weightOf(draft.account(update.trainer), parameters)
    const verifiers = drawVerifiers(pool, beacon, round, update)
    const drawn: Update = { ...update, trainerWeight, verifiers }
    return verifiers.length === 0 && trainerWeight === 0n ? decide(draft, round, drawn, 'expired') : drawn
  })
  const next = { ...round, updates }
  if (pending(next).length === 0) openNextRound(draft, next)
  else enter(draft, next, 'verify', parameters.phases.verify)
}

function enterSettle(draft: Draft, round: Round): void {
  enter(draft, round, 'settle', draft.block.parameters.phases.settle)
}

function endSettle(draft: Draft, round: Round): void {
  const settled = settleRound(draft, round)
  if (settled.updates.some(update => update.outcome === 'accepted'))
    enter(draft, settled, 'aggregate', draft.block.parameters.phases.aggregate)
  else openNextRound(draft, settled)
}

function enter(draft: Draft, round: Round, phase: Phase, blocks: number): void {
  enterPhase(draft, { ...round, phase, phaseEndsAt: draft.block.height + blocks })
}

function pending(round: Round): Update[] {
  return round.updates.filter(update => update.outcome === 'pending')
}

function everyoneSpoke(update: Update): boolean {
  return update.verdicts.length === update.verifiers.length
}
