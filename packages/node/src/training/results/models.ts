import { type Evaluation, type Hash, HydraError } from '@hydraai/core'
import { tokenizerOfBytes } from '@hydraai/engine'
import { type ComputedResult, FOUNDING_ROUND, foundingSeed, type LedgerState, type ModelDue } from '@hydraai/ledger'
import type { Compute } from '../../compute/compute.ts'
import type { Journal } from '../../journal.ts'
import type { Library } from '../../library.ts'
import { CONTENT_LIFETIME_BLOCKS } from '../content.ts'
import type { Documents } from '../documents.ts'
import type { Aggregations } from './aggregations.ts'
import { Computations, isPassing } from './computations.ts'

const KEPT = 256
const MAX_TOKENIZER_BYTES = 1_048_576
/** A founding is proposed only so many blocks after it began: the others have to fetch the data first. */
const FOUNDING_PATIENCE_BLOCKS = 2

type ModelResult = Extract<ComputedResult, { type: 'model' }>

/**
 * The next model of every round whose updates are accepted, and the first of every model that was published. What cannot be
 * founded is proposed by nobody, and the chain drops it.
 */
export class ModelResults {
  readonly #parts: {
    compute: Compute
    library: Library
    documents: Documents
    aggregations: Aggregations
    journal: Journal
  }
  readonly #results = new Computations<ModelResult>(KEPT)
  readonly #evaluations = new Computations<Evaluation>(KEPT)
  readonly #hopeless = new Set<string>()

  constructor(parts: {
    compute: Compute
    library: Library
    documents: Documents
    aggregations: Aggregations
    journal: Journal
  }) {
    this.#parts = parts
  }

  of(state: LedgerState, due: ModelDue): Promise<ModelResult> {
    const key = keyOf(state, due)
    const result = this.#results.of(key, () => this.#compute(state, due))
    if (due.round === FOUNDING_ROUND) result.catch(error => this.#tellHopeless(key, due.model, error))
    return result
  }

  ready(state: LedgerState, due: ModelDue): ModelResult | null {
    if (due.round === FOUNDING_ROUND && !isOld(state, due.model)) return null
    return this.#results.result(keyOf(state, due))
  }

  async #compute(state: LedgerState, due: ModelDue): Promise<ModelResult> {
    const { model, round, updates } = due
    const subject = state.models.get(model)!
    if (round === FOUNDING_ROUND) return this.#found(state, model)
    const next = await this.#parts.aggregations.of({ subject, updates }, state)
    const { document, data } = subject
    const evaluation = await this.#evaluations.of(`${document}/${data}/${next.parameters}`, async () => {
      const parameters = await this.#parts.library.get(next.parameters)
      await this.#parts.documents.ready(subject)
      return this.#parts.compute.evaluate({ document, data, parameters })
    })
    return { type: 'model', model, round, ...next, evaluation }
  }

  async #found(state: LedgerState, model: string): Promise<ModelResult> {
    const { compute, library, documents } = this.#parts
    const subject = state.models.get(model)!
    const { document, data, recipe } = subject
    await documents.ready(subject)
    if (subject.tokenizer !== null) await this.#checkTokenizer(subject.tokenizer)
    const first = await compute.found({ document, data, recipe, seed: foundingSeed(model) })
    const [parameters, momentum] = await Promise.all([library.put(first.parameters), library.put(first.momentum)])
    // Should the chain drop the model after all, nobody will ever name these.
    for (const id of [parameters, momentum])
      await library.expire(id, state.rounds.get(model)!.phaseEndsAt + CONTENT_LIFETIME_BLOCKS)
    return { type: 'model', model, round: FOUNDING_ROUND, parameters, momentum, evaluation: first.evaluation }
  }

  /** Every node that founds a model of texts keeps what turns them into tokens, or nobody could ask it later. */
  async #checkTokenizer(id: Hash): Promise<void> {
    tokenizerOfBytes(await this.#parts.library.get(id, { maxBytes: MAX_TOKENIZER_BYTES }))
  }

  #tellHopeless(key: string, model: string, error: unknown): void {
    if (!(error instanceof HydraError) || isPassing(error) || this.#hopeless.has(key)) return
    this.#hopeless.add(key)
    this.#parts.journal.write('WARN', `${model} cannot be founded: ${error.message}`)
  }
}

/** With the block that published the model: an id that was dropped can come again with other data. */
function keyOf(state: LedgerState, { model, round, parameters, updates }: ModelDue): string {
  const names = updates.map(({ trainer, unit }) => `${trainer}.${unit}`).join('/')
  return `${model}/${state.models.get(model)!.registeredAt}/${round}/${parameters}/${names}`
}

function isOld({ rounds, height }: LedgerState, model: string): boolean {
  return height >= rounds.get(model)!.openedAt + FOUNDING_PATIENCE_BLOCKS
}
