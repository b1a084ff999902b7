import { type Clock, encode, equalBytes } from '@hydraai/core'
import { type ComputedResult, type LedgerState, type ResultDue, resultCodec, resultsDue } from '@hydraai/ledger'
import type { ComputedResults } from '../../consensus/blocks.ts'
import type { Logger } from '../../ports.ts'
import type { BaseResults } from './bases.ts'
import { isPassing } from './computations.ts'
import type { ModelResults } from './models.ts'
import type { RulingResults } from './rulings.ts'

/** How long a proposal that carries a result is held while this node computes its own. */
const CONFIRM_TIMEOUT_MS = 15_000

export interface ResultsParts {
  clock: Clock
  models: ModelResults
  bases: BaseResults
  rulings: RulingResults
  logger: Logger
}

/** Computes what the chain waits for, whether this node proposes or not, and compares what proposers put into blocks. */
export class Results implements ComputedResults {
  readonly #parts: ResultsParts

  constructor(parts: ResultsParts) {
    this.#parts = parts
  }

  /** Starts what `state` waits for; what holds up everybody first. */
  onState(state: LedgerState): void {
    const { models, bases, rulings } = this.#parts
    bases.onState(state)
    for (const due of resultsDue(state)) {
      if (due.type === 'base') bases.begin(state, due)
      else
        void (due.type === 'model' ? models.of(state, due) : rulings.of(state, due)).catch(error =>
          this.#failed(due, error),
        )
    }
  }

  ready(state: LedgerState): ComputedResult[] {
    const { models, bases, rulings } = this.#parts
    return resultsDue(state)
      .map(due => {
        if (due.type === 'model') return models.ready(state, due)
        return due.type === 'base' ? bases.ready(state, due) : rulings.ready(due)
      })
      .filter(result => result !== null)
  }

  async confirm(state: LedgerState, result: ComputedResult): Promise<boolean> {
    const due = resultsDue(state).find(one => isAbout(one, result))
    if (!due) return false
    const own = await this.#within(CONFIRM_TIMEOUT_MS, this.#own(state, due, result))
    return own !== null && equalBytes(encode(resultCodec, own), encode(resultCodec, result))
  }

  #own(state: LedgerState, due: ResultDue, result: ComputedResult): Promise<ComputedResult> {
    const { models, bases, rulings } = this.#parts
    if (due.type === 'model') return models.of(state, due)
    if (due.type === 'ruling') return rulings.of(state, due)
    return bases.of(state, due, result.type === 'base' ? result.included : [])
  }

  /** What only has not come yet is no news: it is tried again with every block. */
  #failed(due: ResultDue, error: unknown): void {
    const details = { ...subjectOf(due), error: String(error) }
    this.#parts.logger[isPassing(error) ? 'debug' : 'warn'](`could not compute a ${due.type}`, details)
  }

  #within<T>(ms: number, promise: Promise<T>): Promise<T | null> {
    return new Promise(resolve => {
      const cancel = this.#parts.clock.after(ms, () => resolve(null))
      promise.then(
        value => {
          cancel()
          resolve(value)
        },
        error => {
          this.#parts.logger.debug('a proposed result could not be computed', { error: String(error) })
          cancel()
          resolve(null)
        },
      )
    })
  }
}

function isAbout(due: ResultDue, result: ComputedResult): boolean {
  const [a, b] = [subjectOf(due), subjectOf(result)]
  return (
    due.type === result.type &&
    a.model === b.model &&
    a.round === b.round &&
    a.trainer === b.trainer &&
    a.unit === b.unit
  )
}

function subjectOf(one: ResultDue | ComputedResult) {
  if (one.type !== 'ruling') return { model: one.model, round: one.round, trainer: null, unit: null }
  if (!('dispute' in one)) return { model: one.model, round: one.round, trainer: one.trainer, unit: one.unit }
  const { model, round, update } = one.dispute
  return { model, round, trainer: update.trainer, unit: update.unit }
}
