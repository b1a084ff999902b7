import type { UnitRef } from '../events.ts'
import type { Reveal, Round, Update } from '../state/types.ts'

/** An update whose payload is known. */
export type RevealedUpdate = Update & { readonly reveal: Reveal }

export function isRevealed(update: Update): update is RevealedUpdate {
  return update.reveal !== null
}

export function pendingOf(round: Round): Update[] {
  return round.updates.filter(update => update.outcome === 'pending')
}

/** How an event names the unit; `transaction` is the one that committed it. */
export function unitRefOf(model: string, round: number, { unit, transaction }: Update): UnitRef {
  return { model, round, unit, transaction }
}
