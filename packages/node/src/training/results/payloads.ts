import type { AggregatedUpdate, Model } from '@hydraai/ledger'
import type { Compute } from '../../compute/compute.ts'
import type { Library } from '../../library.ts'
import type { Documents } from '../documents.ts'
import { Computations } from './computations.ts'
import { isPlausible } from './plausible.ts'

/** Payloads about which something is remembered: those of some rounds of every model. */
const KEPT = 4_096

/** A payload that is here. */
export interface HeldPayload {
  /** L2 norm of its update; null when it cannot be read. */
  readonly norm: number | null
  /** Whether it is anything that the steps of a unit can come to. */
  readonly plausible: boolean
}

type Revealed = Pick<AggregatedUpdate, 'payload' | 'payloadBytes'>

/** The payloads of the updates that are revealed, fetched as soon as the chain names them. */
export class Payloads {
  readonly #parts: { compute: Compute; library: Library; documents: Documents }
  readonly #looks = new Computations<HeldPayload>(KEPT)

  constructor(parts: { compute: Compute; library: Library; documents: Documents }) {
    this.#parts = parts
  }

  /** Null while it is not here. */
  held(subject: Model, update: Revealed): HeldPayload | null {
    return this.#looks.result(keyOf(subject, update))
  }

  /** @throws HydraError CONTENT_UNAVAILABLE: what did not come is asked for again the next time */
  fetch(subject: Model, update: Revealed): Promise<HeldPayload> {
    return this.#looks.of(keyOf(subject, update), () => this.#look(subject, update))
  }

  async #look(subject: Model, { payload: id, payloadBytes }: Revealed): Promise<HeldPayload> {
    const { compute, library, documents } = this.#parts
    const { document, recipe, parameterCount } = subject
    const [payload] = await Promise.all([library.get(id, { maxBytes: payloadBytes }), documents.ready(subject)])
    // A reveal that claims another size is for the verifiers to judge.
    const norm = payload.length === payloadBytes ? await compute.norm({ document, recipe, payload }) : null
    return { norm, plausible: norm !== null && isPlausible(norm, recipe, parameterCount) }
  }
}

function keyOf({ id, registeredAt }: Model, { payload, payloadBytes }: Revealed): string {
  return `${id}/${registeredAt}/${payload}/${payloadBytes}`
}
