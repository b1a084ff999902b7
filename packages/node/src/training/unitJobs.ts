import type { Hash } from '@hydraai/core'
import type { Duty, Model } from '@hydraai/ledger'
import type { TrainJob } from '../compute/compute.ts'
import type { Library } from '../library.ts'
import type { UnitKey } from './activity.ts'
import type { Documents } from './documents.ts'

/** Bases held ready: of the round that trains and of the one that settles. */
const KEPT_BASES = 2

/** All that a unit is a function of, as the chain names it. */
export interface UnitSource extends UnitKey {
  readonly beacon: Hash
  readonly base: Hash
  readonly residualBefore: Hash | null
}

/** Of an update of a round, or in dispute. */
export function sourceOf({
  model,
  round,
  beacon,
  base,
  update,
}: Pick<Duty, 'model' | 'round' | 'beacon' | 'base' | 'update'>): UnitSource {
  const { trainer, unit, residualBefore } = update
  return { model, round, beacon, base, trainer, unit, residualBefore }
}

/** Gathers what the computation of a unit needs: whoever trains it, replays it or rules on it computes the same job. */
export class UnitJobs {
  readonly #library: Library
  readonly #documents: Documents
  /** The least lately used first. */
  readonly #bases = new Map<Hash, Promise<Uint8Array>>()

  constructor(parts: { library: Library; documents: Documents }) {
    this.#library = parts.library
    this.#documents = parts.documents
  }

  /** Without its residual for a light check, which needs none. @throws HydraError CONTENT_UNAVAILABLE, COMPUTE_CLOSED */
  async of(source: UnitSource, subject: Model, { withResidual = true } = {}): Promise<TrainJob> {
    const { beacon, model, round, unit, trainer, residualBefore } = source
    const { document, data, recipe } = subject
    const [parameters, residual] = await Promise.all([
      this.#base(source.base, subject),
      withResidual && residualBefore !== null ? this.#library.get(residualBefore, residualBytes(subject)) : null,
      this.#documents.ready(subject),
    ])
    return { id: { beacon, model, round, unit, trainer }, document, data, recipe, parameters, residual }
  }

  #base(id: Hash, { parameterCount }: Model): Promise<Uint8Array> {
    const known = this.#bases.get(id)
    this.#bases.delete(id)
    const base = known ?? this.#library.get(id, { maxBytes: 4 * parameterCount })
    this.#bases.set(id, base)
    base.catch(() => {
      if (this.#bases.get(id) === base) this.#bases.delete(id)
    })
    const [oldest] = this.#bases.keys()
    if (this.#bases.size > KEPT_BASES && oldest !== undefined) this.#bases.delete(oldest)
    return base
  }
}

/** More than a residual of the model can have. */
function residualBytes({ parameterCount }: Model): { maxBytes: number } {
  return { maxBytes: 2 * parameterCount + 1_024 }
}
