import { CounterRandom, type Hash, taggedHash, utf8, ZERO_HASH } from '@hydraai/core'
import type { Model } from '@hydraai/ledger'
import type { HydraNode } from '../../node.ts'
import type { SamplesAnswer } from '../http/schemas.ts'

export const SHOWN_SAMPLES = 40
/** Less than a page waits for an answer. */
const WAIT_MS = 12_000

interface Entry {
  readonly parameters: Hash
  readonly answer: Promise<SamplesAnswer>
}

/** Held-out samples with what each model now says of them: worked out when asked for, once for each version. */
export class SampleReader {
  readonly #node: HydraNode
  readonly #entries = new Map<string, Entry>()
  readonly #latest = new Map<string, SamplesAnswer>()

  constructor(node: HydraNode) {
    this.#node = node
  }

  /**
   * Undefined for an unknown model. While the data is still being fetched, or the compute threads are busy for longer
   * than a page waits, the samples of the version before, or none.
   */
  async of(id: string): Promise<SamplesAnswer | undefined> {
    const model = this.#node.state.models.get(id)
    if (!model) return undefined
    const fallback = this.#latest.get(id) ?? noSamples(model)
    return Promise.race([this.#answer(model).catch(() => fallback), after(WAIT_MS, fallback)])
  }

  #answer(model: Model): Promise<SamplesAnswer> {
    const known = this.#entries.get(model.id)
    if (known?.parameters === model.parameters) return known.answer
    const answer = this.#predict(model)
    const entry = { parameters: model.parameters, answer }
    this.#entries.set(model.id, entry)
    answer.then(
      samples => this.#latest.set(model.id, samples),
      error => {
        this.#node.ports.logger.debug('no samples', { model: model.id, error: String(error) })
        if (this.#entries.get(model.id) === entry) this.#entries.delete(model.id)
      },
    )
    return answer
  }

  async #predict(model: Model): Promise<SamplesAnswer> {
    const { documents, kinds, library, ports } = this.#node
    // What is not made of images cannot be shown, and what is not founded says nothing.
    if (kinds.of(model) !== 'images' || model.parameters === ZERO_HASH) return noSamples(model)
    await documents.ready(model)
    const { shape, classNames, samples } = await ports.compute.predict({
      document: model.document,
      data: model.data,
      parameters: await library.get(model.parameters),
      samples: shownSamples(model.data, model.evaluation.total),
    })
    return {
      version: model.version,
      shape: [...shape],
      classNames: [...classNames],
      samples: samples.map(({ index, pixels, label, predicted, confidence }) => ({
        index,
        pixels: Buffer.from(pixels).toString('base64'),
        label,
        predicted,
        confidence: [...confidence],
      })),
    }
  }
}

function noSamples({ version }: Model): SamplesAnswer {
  return { version, shape: [], classNames: [], samples: [] }
}

/** The same samples at every node and for every version of a dataset, in ascending order. */
export function shownSamples(data: Hash, total: number): number[] {
  const random = new CounterRandom(taggedHash('hydra/shown-samples/1', utf8(data)))
  const chosen = new Set<number>()
  while (chosen.size < Math.min(SHOWN_SAMPLES, total)) chosen.add(random.below(total))
  return [...chosen].sort((a, b) => a - b)
}

function after<T>(ms: number, value: T): Promise<T> {
  return new Promise(resolve => {
    setTimeout(() => resolve(value), ms).unref()
  })
}
