import type { Reveal, Round, Update } from '../state/types.ts'

/** An update whose payload is known. */
export type RevealedUpdate = Update & { readonly reveal: Reveal }

export function isRevealed(update: Update): update is RevealedUpdate {
  return update.reveal !== null
}

export function pendingOf(round: Round): Update[] {
  return round.updates.filter(update => update.outcome === 'pending')
}
