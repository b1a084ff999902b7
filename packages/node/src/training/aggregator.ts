import type { Clock } from '@hydraai/core'
import {
  type LedgerState,
  type Model,
  type ModelUpdate,
  type ProposableUpdate,
  proposableUpdates,
} from '@hydraai/ledger'
import type { Compute } from '../compute/compute.ts'
import type { ModelUpdates } from '../consensus/blocks.ts'
import type { Journal } from '../journal.ts'
import type { Library } from '../library.ts'
import type { Logger } from '../ports.ts'
import type { Documents } from './documents.ts'

/** How long a proposal that carries an aggregation is held while this node computes its own. */
const CONFIRM_TIMEOUT_MS = 15_000
/** Rounds behind whose results may still be asked for. */
const KEPT_RESULTS = 16

/** Computes the next parameters of every round that has settled, and compares what proposers put into blocks. */
export class Aggregator implements ModelUpdates {
  readonly #parts: {
    clock: Clock
    compute: Compute
    library: Library
    documents: Documents
    journal: Journal
    logger: Logger
  }
  readonly #results = new Map<string, { promise: Promise<ModelUpdate>; result: ModelUpdate | null }>()

  constructor(parts: {
    clock: Clock
    compute: Compute
    library: Library
    documents: Documents
    journal: Journal
    logger: Logger
  }) {
    this.#parts = parts
  }

  /** Starts what `state` waits for. */
  onState(state: LedgerState): void {
    for (const round of proposableUpdates(state)) void this.#result(state, round).promise.catch(() => {})
  }

  ready(state: LedgerState): ModelUpdate[] {
    return proposableUpdates(state)
      .map(round => this.#results.get(keyOf(round))?.result ?? null)
      .filter(update => update !== null)
  }

  async confirm(state: LedgerState, update: ModelUpdate): Promise<boolean> {
    const round = proposableUpdates(state).find(({ model, round }) => model === update.model && round === update.round)
    if (!round) return false
    const own = await this.#within(CONFIRM_TIMEOUT_MS, this.#result(state, round).promise)
    return (
      own !== null &&
      own.parameters === update.parameters &&
      own.momentum === update.momentum &&
      own.evaluation.correct === update.evaluation.correct &&
      own.evaluation.total === update.evaluation.total &&
      own.evaluation.lossBits === update.evaluation.lossBits
    )
  }

  #result(state: LedgerState, round: ProposableUpdate) {
    const key = keyOf(round)
    const known = this.#results.get(key)
    if (known) return known
    const entry: { promise: Promise<ModelUpdate>; result: ModelUpdate | null } = {
      promise: this.#compute(round, state.models.get(round.model)!),
      result: null,
    }
    entry.promise.then(
      result => {
        entry.result = result
      },
      error => {
        // Forgotten, so that the next block tries again: a payload may have become available.
        this.#results.delete(key)
        this.#parts.logger.warn('aggregation failed', { model: round.model, round: round.round, error: String(error) })
      },
    )
    this.#results.set(key, entry)
    const [oldest] = this.#results.keys()
    if (this.#results.size > KEPT_RESULTS && oldest !== undefined) this.#results.delete(oldest)
    return entry
  }

  async #compute({ model, round, updates, recipe, ...at }: ProposableUpdate, subject: Model): Promise<ModelUpdate> {
    const { compute, library, documents } = this.#parts
    const { document, data } = subject
    await documents.ready(subject)
    const [parameters, momentum, payloads] = await Promise.all([
      library.get(at.parameters),
      library.get(at.momentum),
      Promise.all(updates.map(({ payload, payloadBytes }) => library.get(payload, { maxBytes: payloadBytes }))),
    ])
    const inputs = { document, data, recipe, parameters, momentum }
    const next = await compute.aggregate({ ...inputs, payloads })
    const [parametersId, momentumId] = await Promise.all([library.put(next.parameters), library.put(next.momentum)])
    return { model, round, parameters: parametersId, momentum: momentumId, evaluation: next.evaluation }
  }

  #within<T>(ms: number, promise: Promise<T>): Promise<T | null> {
    return new Promise(resolve => {
      const cancel = this.#parts.clock.after(ms, () => resolve(null))
      promise.then(
        value => {
          cancel()
          resolve(value)
        },
        () => {
          cancel()
          resolve(null)
        },
      )
    })
  }
}

function keyOf({ model, round }: { model: string; round: number }): string {
  return `${model}/${round}`
}
