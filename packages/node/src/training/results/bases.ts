import { HydraError } from '@hydraai/core'
import {
  accountOf,
  type BaseDue,
  type ComputedResult,
  type LedgerState,
  type Model,
  type Reveal,
  resultsDue,
} from '@hydraai/ledger'
import type { Logger } from '../../ports.ts'
import type { Aggregations } from './aggregations.ts'
import { isPassing } from './computations.ts'
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
 * The base of each next round: the aggregate of the revealed updates that this node holds, of trainers with a reputation.
 * Whatever is wrong with one of them, a verdict will say; here it is enough that it can be added.
 */
export class BaseResults {
  readonly #parts: { aggregations: Aggregations; payloads: Payloads; logger: Logger }
  readonly #waiting = new Map<string, Waiting>()
  #state: LedgerState | null = null

  constructor(parts: { aggregations: Aggregations; payloads: Payloads; logger: Logger }) {
    this.#parts = parts
  }

  onState(state: LedgerState): void {
    this.#state = state
    for (const { model, phase, updates } of state.rounds.values())
      if (phase === 'reveal' || phase === 'base')
        for (const { reveal } of updates) if (reveal) this.#seek(state.models.get(model)!, reveal)
    const waiting = [...state.rounds.values()].filter(({ phase }) => phase === 'base')
    const keys = new Set(waiting.map(({ model, number }) => keyOf(model, number)))
    for (const key of this.#waiting.keys()) if (!keys.has(key)) this.#waiting.delete(key)
    for (const key of keys)
      if (!this.#waiting.has(key)) this.#waiting.set(key, { since: state.height, leftOut: new Set() })
  }

  /** What was still missing may be all that a base waited for: the next proposer should have it ready. */
  #seek(subject: Model, reveal: Reveal): void {
    const { payloads, logger } = this.#parts
    if (payloads.held(subject, reveal) !== null) return
    payloads
      .fetch(subject, reveal)
      .then(() => this.#beginAgain(subject.id))
      .catch(error => logger.debug('a payload is not here yet', { error: String(error) }))
  }

  #beginAgain(model: string): void {
    const state = this.#state!
    for (const due of resultsDue(state)) if (due.type === 'base' && due.model === model) this.begin(state, due)
  }

  /** Starts to compute what this node would propose. */
  begin(state: LedgerState, due: BaseDue): void {
    const updates = this.#choose(state, due)
    if (updates === null) return
    const subject = state.models.get(due.model)!
    this.#parts.aggregations.of({ subject, updates }, state).catch(error => this.#failed(due, subject, updates, error))
  }

  ready(state: LedgerState, due: BaseDue): BaseResult | null {
    const updates = this.#choose(state, due)
    const subject = state.models.get(due.model)!
    const next = updates && this.#parts.aggregations.result({ subject, updates })
    if (!next) return null
    return resultOf(due, updates, next.parameters)
  }

  /** With the very updates that a proposer included. @throws HydraError BASE_IMPLAUSIBLE, CONTENT_UNAVAILABLE */
  async of(state: LedgerState, due: BaseDue, included: readonly number[]): Promise<BaseResult> {
    const { payloads, aggregations } = this.#parts
    const chosen = new Set(included)
    const updates = due.updates.filter(({ index }) => chosen.has(index))
    const subject = state.models.get(due.model)!
    const held = await Promise.all(updates.map(update => payloads.fetch(subject, update)))
    if (!held.every(({ plausible }) => plausible))
      throw new HydraError('BASE_IMPLAUSIBLE', 'It includes an update that nothing could be trained from.')
    const next = await aggregations.of({ subject, updates }, state)
    return resultOf(due, updates, next.parameters)
  }

  /** Null while there is something to wait for, or nothing at all. */
  #choose(state: LedgerState, { model, round, updates }: BaseDue): Included | null {
    const { since, leftOut } = this.#waiting.get(keyOf(model, round)) ?? { since: state.height, leftOut: new Set() }
    const subject = state.models.get(model)!
    const held = updates.map(update => ({ update, payload: this.#parts.payloads.held(subject, update) }))
    const isWhole = held.every(({ payload }) => payload !== null)
    if (!isWhole && state.height < since + PATIENCE_BLOCKS) return null
    const usable = held.filter(({ update, payload }) => payload?.plausible && !leftOut.has(update.index))
    // Who has none was caught lately, or has shown nothing yet: it does not decide from where others start.
    const known = usable.filter(({ update }) => accountOf(state, update.trainer).reputation > 0)
    const chosen = known.length > 0 ? known : usable
    return chosen.length === 0 ? null : chosen.map(({ update }) => update)
  }

  /** Numbers beyond all bounds are nothing to start from: the longest update goes, until the rest can be added. */
  #failed({ model, round }: BaseDue, subject: Model, updates: Included, error: unknown): void {
    const level = isPassing(error) ? 'debug' : 'warn'
    this.#parts.logger[level]('a base could not be computed', { model, round, error: String(error) })
    if (!(error instanceof HydraError) || error.code !== 'NON_FINITE') return
    const normOf = (update: Included[number]) => this.#parts.payloads.held(subject, update)?.norm ?? 0
    const longest = updates.reduce((a, b) => (normOf(b) > normOf(a) ? b : a))
    this.#waiting.get(keyOf(model, round))?.leftOut.add(longest.index)
  }
}

function resultOf({ model, round }: BaseDue, updates: Included, parameters: BaseResult['parameters']): BaseResult {
  return { type: 'base', model, round, included: updates.map(({ index }) => index), parameters }
}

function keyOf(model: string, round: number): string {
  return `${model}/${round}`
}
