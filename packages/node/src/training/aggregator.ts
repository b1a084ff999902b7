import { type Clock, type Hash, HydraError } from '@hydraai/core'
import { tokenizerOfBytes } from '@hydraai/engine'
import {
  FOUNDING_ROUND,
  foundingSeed,
  type LedgerState,
  type ModelUpdate,
  type ProposableUpdate,
  proposableUpdates,
} from '@hydraai/ledger'
import type { AggregateResult, Compute } from '../compute/compute.ts'
import type { ModelUpdates } from '../consensus/blocks.ts'
import type { Journal } from '../journal.ts'
import type { Library } from '../library.ts'
import type { Logger } from '../ports.ts'
import { CONTENT_LIFETIME_BLOCKS } from './content.ts'
import type { Documents } from './documents.ts'

/** How long a proposal that carries an aggregation is held while this node computes its own. */
const CONFIRM_TIMEOUT_MS = 15_000
/** Results that may still be asked for: of every model the chain can hold, and of some rounds behind. */
const KEPT_RESULTS = 256
const MAX_TOKENIZER_BYTES = 1_048_576
/** A founding is proposed only so many blocks after it began: the others have to fetch the data first. */
const FOUNDING_PATIENCE_BLOCKS = 2
/** What may go better at the next block; anything else comes of the model itself and will be the same again. */
const PASSING = new Set(['CONTENT_UNAVAILABLE', 'COMPUTE_CLOSED', 'COMPUTE_FAILED', 'COMPUTE_DOCUMENT_MISSING'])

/**
 * Computes the next parameters of every round that has settled and the first of every model that was published, and
 * compares what proposers put into blocks. What cannot be founded is proposed by nobody, and the chain drops it.
 */
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
      .filter(({ model, round }) => round !== FOUNDING_ROUND || isOld(state, model))
      .map(round => this.#results.get(keyOf(state, round))?.result ?? null)
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
    const key = keyOf(state, round)
    const known = this.#results.get(key)
    if (known) return known
    const entry: { promise: Promise<ModelUpdate>; result: ModelUpdate | null } = {
      promise: this.#compute(round, state),
      result: null,
    }
    entry.promise.then(
      result => {
        entry.result = result
      },
      error => {
        const { model, round: number } = round
        this.#parts.logger.warn('aggregation failed', { model, round: number, error: String(error) })
        // Forgotten, so that the next block tries again: a payload may have become available.
        if (!(error instanceof HydraError) || isPassing(error)) this.#results.delete(key)
        else if (number === FOUNDING_ROUND)
          this.#parts.journal.write('WARN', `${model} cannot be founded: ${error.message}`)
      },
    )
    this.#results.set(key, entry)
    const [oldest] = this.#results.keys()
    if (this.#results.size > KEPT_RESULTS && oldest !== undefined) this.#results.delete(oldest)
    return entry
  }

  async #compute({ model, round, updates, recipe, ...at }: ProposableUpdate, state: LedgerState): Promise<ModelUpdate> {
    const { compute, library, documents } = this.#parts
    const subject = state.models.get(model)!
    const { document, data } = subject
    await documents.ready(subject)
    if (round === FOUNDING_ROUND) {
      if (subject.tokenizer !== null) await this.#checkTokenizer(subject.tokenizer)
      const first = await compute.found({ document, data, recipe, seed: foundingSeed(model) })
      const update = await this.#stored(model, round, first)
      // Should the chain drop the model after all, nobody will ever name these.
      for (const id of [update.parameters, update.momentum])
        await library.expire(id, state.rounds.get(model)!.phaseEndsAt + CONTENT_LIFETIME_BLOCKS)
      return update
    }
    const [parameters, momentum, payloads] = await Promise.all([
      library.get(at.parameters),
      library.get(at.momentum),
      Promise.all(updates.map(({ payload, payloadBytes }) => library.get(payload, { maxBytes: payloadBytes }))),
    ])
    const inputs = { document, data, recipe, parameters, momentum }
    return this.#stored(model, round, await compute.aggregate({ ...inputs, payloads }))
  }

  /** Every node that founds a model of texts keeps what turns them into tokens, or nobody could ask it later. */
  async #checkTokenizer(id: Hash): Promise<void> {
    tokenizerOfBytes(await this.#parts.library.get(id, { maxBytes: MAX_TOKENIZER_BYTES }))
  }

  async #stored(model: string, round: number, next: AggregateResult): Promise<ModelUpdate> {
    const { library } = this.#parts
    const [parameters, momentum] = await Promise.all([library.put(next.parameters), library.put(next.momentum)])
    return { model, round, parameters, momentum, evaluation: next.evaluation }
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

/** With the block that published the model: an id that was dropped can come again with other data. */
function keyOf(state: LedgerState, { model, round }: { model: string; round: number }): string {
  return `${model}/${state.models.get(model)!.registeredAt}/${round}`
}

function isOld({ rounds, height }: LedgerState, model: string): boolean {
  return height >= rounds.get(model)!.openedAt + FOUNDING_PATIENCE_BLOCKS
}

function isPassing({ code }: HydraError): boolean {
  return PASSING.has(code) || /^(STORAGE|BLOB)_/.test(code)
}
