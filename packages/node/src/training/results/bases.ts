import { HydraError } from '@hydraai/core'
import type { BaseDue, ComputedResult, LedgerState } from '@hydraai/ledger'
import type { Logger } from '../../ports.ts'
import type { Aggregations } from './aggregations.ts'
import type { Payloads } from './payloads.ts'

/** Blocks that payloads have to arrive in before a base goes on without them. */
const PATIENCE_BLOCKS = 1

type BaseResult = Extract<ComputedResult, { type: 'base' }>
type Included = BaseDue['updates']

/** What is known of a round that waits for the base of the next. */
interface Waiting {
  readonly since: number
  /** Updates without which the sum is finite. */
  readonly leftOut: Set<number>
}

/**
 * The base of each next round: the aggregate of the revealed updates that this node holds. Whatever is wrong with one of
 * them, a verdict will say; here it is enough that it can be added.
 */
export class BaseResults {
  readonly #parts: { aggregations: Aggregations; payloads: Payloads; logger: Logger }
  readonly #waiting = new Map<string, Waiting>()

  constructor(parts: { aggregations: Aggregations; payloads: Payloads; logger: Logger }) {
    this.#parts = parts
  }

  onState(state: LedgerState): void {
    const revealed = [...state.rounds.values()]
      .filter(({ phase }) => phase === 'reveal' || phase === 'base')
      .flatMap(({ model, updates }) =>
        updates.flatMap(({ reveal }) => (reveal ? [{ subject: state.models.get(model)!, reveal }] : [])),
      )
    this.#parts.payloads.seek(revealed)
    const waiting = [...state.rounds.values()].filter(({ phase }) => phase === 'base')
    const keys = new Set(waiting.map(({ model, number }) => keyOf(model, number)))
    for (const key of this.#waiting.keys()) if (!keys.has(key)) this.#waiting.delete(key)
    for (const key of keys)
      if (!this.#waiting.has(key)) this.#waiting.set(key, { since: state.height, leftOut: new Set() })
  }

  /** Starts to compute what this node would propose. */
  begin(state: LedgerState, due: BaseDue): void {
    const updates = this.#choose(state, due)
    if (updates === null) return
    const subject = state.models.get(due.model)!
    this.#parts.aggregations.of({ subject, updates }, state).catch(error => this.#failed(due, updates, error))
  }

  ready(state: LedgerState, due: BaseDue): BaseResult | null {
    const updates = this.#choose(state, due)
    const subject = state.models.get(due.model)!
    const next = updates && this.#parts.aggregations.result({ subject, updates })
    if (!next) return null
    return resultOf(due, updates, next.parameters)
  }

  /** With the very updates that a proposer included. */
  async of(state: LedgerState, due: BaseDue, included: readonly number[]): Promise<BaseResult> {
    const chosen = new Set(included)
    const updates = due.updates.filter(({ index }) => chosen.has(index))
    const next = await this.#parts.aggregations.of({ subject: state.models.get(due.model)!, updates }, state)
    return resultOf(due, updates, next.parameters)
  }

  /** Null while there is something to wait for, or nothing at all. */
  #choose(state: LedgerState, { model, round, updates }: BaseDue): Included | null {
    const { since, leftOut } = this.#waiting.get(keyOf(model, round)) ?? { since: state.height, leftOut: new Set() }
    const held = updates.map(update => ({ update, payload: this.#parts.payloads.held(update.payload) }))
    const isWhole = held.every(({ payload }) => payload !== null)
    if (!isWhole && state.height < since + PATIENCE_BLOCKS) return null
    const usable = held.filter(({ update, payload }) => isNumber(payload?.norm) && !leftOut.has(update.index))
    return usable.length === 0 ? null : usable.map(({ update }) => update)
  }

  /** Numbers beyond all bounds are nothing to start from: the longest update goes, until the rest can be added. */
  #failed({ model, round }: BaseDue, updates: Included, error: unknown): void {
    this.#parts.logger.warn('a base could not be computed', { model, round, error: String(error) })
    if (!(error instanceof HydraError) || error.code !== 'NON_FINITE') return
    const normOf = ({ payload }: Included[number]) => this.#parts.payloads.held(payload)?.norm ?? 0
    const longest = updates.reduce((a, b) => (normOf(b) > normOf(a) ? b : a))
    this.#waiting.get(keyOf(model, round))?.leftOut.add(longest.index)
  }
}

function resultOf({ model, round }: BaseDue, updates: Included, parameters: BaseResult['parameters']): BaseResult {
  return { type: 'base', model, round, included: updates.map(({ index }) => index), parameters }
}

function isNumber(norm: number | null | undefined): boolean {
  return typeof norm === 'number' && Number.isFinite(norm)
}

function keyOf(model: string, round: number): string {
  return `${model}/${round}`
}
