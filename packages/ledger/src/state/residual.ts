import type { Address, Hash } from '@hydraai/core'
import type { Draft } from './draft.ts'
import type { LedgerState, Residual, Round, Update } from './types.ts'

/** Rounds for which a leftover is kept that nobody has taken up. */
export const RESIDUAL_ROUNDS = 8

/** Even and odd rounds have a leftover each: one round settles while the next is trained. */
export function laneOf(round: number): number {
  return round % 2
}

export function residualKey({ model, trainer, lane, unit }: Omit<Residual, 'residual' | 'round'>): string {
  return `${model} ${trainer} ${lane} ${String(unit).padStart(5, '0')}`
}

/** Hash of what a unit of that round has to take up; null for none. It stays the same while the round is open. */
export function residualOf(
  state: { readonly residuals: Pick<LedgerState['residuals'], 'get'> },
  model: string,
  round: number,
  trainer: Address,
  unit: number,
): Hash | null {
  return state.residuals.get(residualKey({ model, trainer, lane: laneOf(round), unit }))?.residual ?? null
}

/** What an accepted update leaves out is for the next one of its lane and unit. */
export function keepResidual(draft: Draft, { model, number: round }: Round, { trainer, unit, reveal }: Update): void {
  const residual = reveal?.residual ?? null
  if (residual === null) return
  const entry = { model, trainer, lane: laneOf(round), unit, residual, round }
  draft.residuals.set(residualKey(entry), entry)
}

/** Before round `number` opens: forgets what nobody has taken up for long. */
export function dropStaleResiduals(draft: Draft, model: string, number: number): void {
  const stale: string[] = []
  for (const [key, residual] of draft.residuals.entries()) {
    if (residual.model === model && residual.round + RESIDUAL_ROUNDS < number) stale.push(key)
  }
  for (const key of stale) draft.residuals.delete(key)
}
