import type { Draft } from '../state/draft.ts'
import type { Round, Update } from '../state/types.ts'

/** Puts the first question about an update whose findings contradict each other. Its outcome is `disputed` already. */
export function openDispute(_draft: Draft, _round: Round, _update: Update): void {}

/** At the end of a block: what follows where nobody answered in time. */
export function advanceDisputes(_draft: Draft): void {}
