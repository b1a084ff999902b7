import { segmentsOf } from '@hydraai/core'
import { openDispute } from '../disputes/dispute.ts'
import type { JudgedVerdict } from '../events.ts'
import type { Draft } from '../state/draft.ts'
import { keepResidual } from '../state/residual.ts'
import type { Outcome, Round, Update } from '../state/types.ts'
import { closeSettling } from './base.ts'
import { concludeUpdate } from './conclude.ts'
import { countedVerdicts, isContradicted, type OpenVerdict, type ReplayRule } from './findings.ts'
import { isQuorum, totalWeight, weightOfVerifiers } from './quorum.ts'
import { enterPhase } from './round.ts'

/** Decides every pending update of a round, in order of (trainer, unit): pays it, lets it go, or opens a dispute about it. */
export function settleRound(draft: Draft, round: Round): void {
  const { height, parameters } = draft.block
  const rule = { all: segmentsOf(draft.model(round.model).recipe), heldOutLoss: round.heldOutLoss }
  const updates = round.updates.map(update =>
    update.outcome === 'pending' ? settleUpdate(draft, round, update, rule) : update,
  )
  const settled = { ...round, updates }
  if (updates.some(update => update.outcome === 'accepted'))
    enterPhase(draft, { ...settled, phase: 'aggregate', phaseEndsAt: height + parameters.phases.aggregate })
  else closeSettling(draft, settled)
}

function settleUpdate(draft: Draft, round: Round, update: Update, rule: ReplayRule): Update {
  const counted = countedVerdicts(update, rule)
  const outcome = outcomeOf(update, counted)
  const place = { ...round, round: round.number }
  const settled = concludeUpdate(draft, place, update, outcome, judgementsOf(update, counted, outcome))
  if (outcome === 'accepted') keepResidual(draft, round, update)
  if (outcome === 'disputed') openDispute(draft, round, settled)
  return settled
}

/**
 * Somebody contradicts: disputed, whatever the others say. Otherwise accepted if more than two thirds of the weight found
 * what the trainer claims, one at least of those who were to replay among them.
 */
export function outcomeOf(update: Update, counted: readonly OpenVerdict[]): Outcome {
  if (isContradicted(update)) return 'disputed'
  if (update.reveal === null || update.claims === null) return 'expired'
  const agreeing = new Set(counted.map(({ verifier }) => verifier))
  if (!isQuorum(update.trainerWeight + weightOfVerifiers(update, agreeing), totalWeight(update))) return 'expired'
  const auditors = update.verifiers.filter(({ segments }) => segments > 0)
  if (auditors.length > 0 && !auditors.some(({ address }) => agreeing.has(address))) return 'expired'
  return 'accepted'
}

/** Of everyone drawn. What counts stood if the update is accepted, and waits for more if not. */
function judgementsOf(update: Update, counted: readonly OpenVerdict[], outcome: Outcome): JudgedVerdict[] {
  return update.verifiers.map(({ address: verifier }) => {
    const verdict = counted.find(one => one.verifier === verifier)
    if (verdict === undefined) return { verifier, segments: 0, judgement: 'silent' }
    const segments = verdict.findings.replay?.segments ?? 0
    return { verifier, segments, judgement: outcome === 'accepted' ? 'stood' : 'open' }
  })
}
