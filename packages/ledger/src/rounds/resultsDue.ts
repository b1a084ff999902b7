import type { Address, Hash, Recipe } from '@hydraai/core'
import { type RulingDue, rulingsDue } from '../disputes/duties.ts'
import type { LedgerState, Model, Round, Update } from '../state/types.ts'
import { isRevealed } from './update.ts'

/** What to aggregate, and onto what. */
interface Aggregation {
  readonly model: string
  readonly round: number
  readonly recipe: Recipe
  readonly parameterCount: number
  /** Onto which the updates are applied; zeros for a founding. */
  readonly parameters: Hash
  readonly momentum: Hash
  /** In order of (trainer, unit), which is the order of aggregation. */
  readonly updates: readonly AggregatedUpdate[]
}

export interface AggregatedUpdate {
  /** Its place among the round's updates. */
  readonly index: number
  readonly trainer: Address
  readonly unit: number
  readonly payload: Hash
  readonly payloadBytes: number
}

/** A round that waits for its new model: all `updates` were accepted. Round 0 is the founding of a published one, which has none. */
export interface ModelDue extends Aggregation {
  readonly type: 'model'
}

/** A round that waits for the base of the next one: of any of its `updates`, which are all that were revealed. */
export interface BaseDue extends Aggregation {
  readonly type: 'base'
}

export type ResultDue = ModelDue | BaseDue | RulingDue

/** All that a block after this state may bring that is computed: models and bases by model id, rulings by urgency. */
export function resultsDue(state: LedgerState): ResultDue[] {
  const rounds = [...state.rounds.values()]
  const models = [...rounds, ...state.settling.values()]
    .filter(round => round.phase === 'aggregate')
    .sort((a, b) => (a.model < b.model ? -1 : 1))
    .map(round => {
      const due = aggregation(state, round, update => update.outcome === 'accepted')
      return { type: 'model' as const, ...due }
    })
  const bases = rounds
    .filter(({ phase, model, updates }) => phase === 'base' && !state.settling.has(model) && updates.some(isRevealed))
    .map(round => ({ type: 'base' as const, ...aggregation(state, round, () => true) }))
  return [...models, ...bases, ...rulingsDue(state)]
}

function aggregation(state: LedgerState, round: Round, takes: (update: Update) => boolean): Aggregation {
  const { recipe, parameterCount, parameters, momentum }: Model = state.models.get(round.model)!
  const updates = round.updates.flatMap((update, index) => {
    if (!isRevealed(update) || !takes(update)) return []
    const { trainer, unit, reveal } = update
    return [{ index, trainer, unit, payload: reveal.payload, payloadBytes: reveal.payloadBytes }]
  })
  return { model: round.model, round: round.number, recipe, parameterCount, parameters, momentum, updates }
}
