import type { Hash } from '@hydraai/core'
import type { AggregatedUpdate, LedgerState, Model } from '@hydraai/ledger'
import type { Compute } from '../../compute/compute.ts'
import type { Library } from '../../library.ts'
import { CONTENT_LIFETIME_BLOCKS } from '../content.ts'
import type { Documents } from '../documents.ts'
import { Computations } from './computations.ts'

/** Aggregations that may still be asked for: of every model the chain can hold, and of some rounds and subsets behind. */
const KEPT = 256

/** Hashes of what comes out; the bytes are in the library. */
export interface Aggregate {
  readonly parameters: Hash
  readonly momentum: Hash
}

/** What is aggregated onto the model as it stands, in the order of the ledger. */
export interface AggregationInputs {
  readonly subject: Model
  readonly updates: readonly Pick<AggregatedUpdate, 'payload' | 'payloadBytes'>[]
}

/**
 * Aggregations by their inputs. The base of the next round is one over the revealed updates and the model after a round one
 * over the accepted ones: where these are the same, it is computed once.
 */
export class Aggregations {
  readonly #parts: { compute: Compute; library: Library; documents: Documents }
  readonly #computations = new Computations<Aggregate>(KEPT)

  constructor(parts: { compute: Compute; library: Library; documents: Documents }) {
    this.#parts = parts
  }

  result(inputs: AggregationInputs): Aggregate | null {
    return this.#computations.result(keyOf(inputs))
  }

  /** @throws HydraError CONTENT_UNAVAILABLE, UPDATE_INVALID, NON_FINITE, COMPUTE_CLOSED */
  of(inputs: AggregationInputs, state: LedgerState): Promise<Aggregate> {
    return this.#computations.of(keyOf(inputs), () => this.#compute(inputs, state.height))
  }

  async #compute({ subject, updates }: AggregationInputs, height: number): Promise<Aggregate> {
    const { compute, library, documents } = this.#parts
    const { document, data, recipe, parameterCount } = subject
    const modelBytes = { maxBytes: 4 * parameterCount }
    const [parameters, momentum, payloads] = await Promise.all([
      library.get(subject.parameters, modelBytes),
      library.get(subject.momentum, modelBytes),
      Promise.all(updates.map(({ payload, payloadBytes }) => library.get(payload, { maxBytes: payloadBytes }))),
      documents.ready(subject),
    ])
    const next = await compute.aggregate({ document, data, recipe, parameters, momentum, payloads })
    return {
      parameters: await this.#store(next.parameters, height),
      momentum: await this.#store(next.momentum, height),
    }
  }

  /** What the chain comes to name is kept; nobody may ever name it. */
  async #store(bytes: Uint8Array, height: number): Promise<Hash> {
    const { library } = this.#parts
    const id = await library.put(bytes)
    await library.expire(id, height + CONTENT_LIFETIME_BLOCKS)
    return id
  }
}

/** With the block that published the model: an id that was dropped can come again with another recipe. */
function keyOf({ subject, updates }: AggregationInputs): string {
  const { id, registeredAt, parameters, momentum } = subject
  return `${id}/${registeredAt}/${parameters}/${momentum}/${updates.map(({ payload }) => payload).join('/')}`
}
