import type { LossPoint, ModelRow, Training } from '../api/shapes.ts'
import { showLoss } from './amounts.ts'
import { smooth, spanFor } from './smoothing.ts'
import type { Observation } from './state.ts'
import { timeLeft } from './time.ts'
import { settlingPhases, workPhases } from './words.ts'

/** The loss curve's columns: the step's place in the list, the loss itself, and its moving average. */
export function lossColumns(losses: readonly LossPoint[]): [number[], number[], number[]] {
  const raw = losses.map(({ loss }) => loss)
  return [raw.map((_, at) => at - raw.length + 1), raw, smooth(raw, spanFor(raw.length))]
}

export function lossSummary(losses: readonly LossPoint[]): string {
  const [, raw, smoothed] = lossColumns(losses)
  const first = smoothed[0]
  const last = smoothed.at(-1)
  if (first === undefined || last === undefined) return 'Loss curve without points.'
  return `Loss over this node’s last ${raw.length} steps: from ${showLoss(first)} to ${showLoss(last)}, smoothed.`
}

/** The losses of one model; those of which the node does not say whose they are belong to whichever is shown. */
export function lossesOf(losses: readonly LossPoint[], model: string | undefined): readonly LossPoint[] {
  return losses.filter(point => point.model === null || point.model === model)
}

/** Milliseconds until the unit under way is trained, from its own speed so far; null while that is unknown. */
export function unitTimeLeft(training: Training, seen: Observation | null, now: number): number | null {
  const { current } = training
  if (current === null || seen === null) return null
  return timeLeft(seen, { done: current.step, at: now }, current.steps)
}

/** Share of this node's computing that went into checking others; null before it computed anything. */
export function verifyingShare({ trainingMs, checkingMs, replayingMs }: Training['cpu']): number | null {
  const verifyingMs = checkingMs + replayingMs
  const all = trainingMs + verifyingMs
  return all > 0 ? verifyingMs / all : null
}

/** A model that was registered and has no parameters yet. */
export const isFounding = (model: ModelRow): boolean => /^0+$/.test(model.parameters)

interface Phase {
  readonly phase: string
  readonly phaseEndsAt: number | null
}

/** Where a phase stands among those of the round at work, or of the one being checked; -1 for one of the other. */
export const phaseIndex = ({ phase }: Phase, side: 'work' | 'settling'): number =>
  (side === 'work' ? workPhases : settlingPhases).findIndex(({ id }) => id === phase)

/** Blocks until the phase is planned to end; null where the ledger does not say. */
export function blocksLeft({ phaseEndsAt }: Phase, height: number): number | null {
  return phaseEndsAt === null ? null : Math.max(0, phaseEndsAt - height)
}
