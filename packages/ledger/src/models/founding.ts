import { type Hash, taggedHash, utf8 } from '@hydraai/core'
import type { Draft } from '../state/draft.ts'
import type { Round } from '../state/types.ts'

/** The round in which a published model gets its first parameters: it trains nothing and waits for a model update. */
export const FOUNDING_ROUND = 0

/** What a model's first parameters are drawn from. Nobody chooses them: they follow from its name. */
export function foundingSeed(model: string): Hash {
  return taggedHash('hydra/initial-parameters/1', utf8(model))
}

/** Takes a model off the chain that nobody could found in time. What was paid for it is gone; its id is free again. */
export function dropModel(draft: Draft, { model, number }: Round): void {
  const account = draft.model(model).owner!
  draft.models.delete(model)
  draft.rounds.delete(model)
  draft.events.push({ type: 'model-dropped', account, model, round: number })
}
