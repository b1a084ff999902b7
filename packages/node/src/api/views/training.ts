import { formatAmount } from '@hydraai/core'
import type { HydraNode } from '../../node.ts'
import type { LedgerIndex } from '../history/ledgerIndex.ts'
import type { TrainingAnswer } from '../http/schemas.ts'

/** With `since`, only the losses from that time on: what a stream adds to what the page has. */
export async function trainingAnswer(
  node: HydraNode,
  index: LedgerIndex,
  since = Number.NEGATIVE_INFINITY,
): Promise<TrainingAnswer> {
  const { units, commits } = await index.totals(node.address)
  const { activity, ports } = node
  const { training, verifying } = activity
  return {
    current: training && {
      model: training.model,
      round: training.round,
      unit: training.unit,
      label: training.label,
      step: training.step,
      steps: training.steps,
      loss: finite(training.loss),
    },
    unitsCompleted: Math.max(commits, activity.unitsCompleted),
    earned: formatAmount(units),
    losses: activity.losses
      .filter(({ at, loss }) => at >= since && Number.isFinite(loss))
      .map(({ model, at, loss }) => ({ model, at: Math.round(at), loss })),
    only: node.only,
    verifying: verifying && {
      model: verifying.model,
      round: verifying.round,
      trainer: verifying.trainer,
      trainerName: node.nameOf(verifying.trainer),
      unit: verifying.unit,
      label: verifying.label,
      step: verifying.step,
      steps: verifying.steps,
    },
    trainingShare: shareOf(activity.time.until(ports.clock.now())),
    cpu: ports.compute.usage(),
  }
}

/** Null before there was any time in which it could have trained. */
export function shareOf({ trainingMs, idleMs }: { trainingMs: number; idleMs: number }): number | null {
  const all = trainingMs + idleMs
  return all > 0 ? trainingMs / all : null
}

function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null
}
