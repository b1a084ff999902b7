import { type Hash, HydraError, ZERO_HASH } from '@hydraai/core'
import type { LedgerState, Model } from '@hydraai/ledger'
import type { AnswerCompute, AnswerJob, Generated } from '../compute/answering.ts'
import type { Library } from '../library.ts'
import type { Logger } from '../ports.ts'

/** A model that is made of texts, with its tokenizer. */
export interface TextModel extends Model {
  readonly tokenizer: Hash
}

/** Whether the ledger's entry is that of a model that can be asked at all. */
export function isAskable(model: Model | undefined): model is TextModel {
  return model !== undefined && model.tokenizer !== null && model.parameters !== ZERO_HASH
}

export function askableModels(state: LedgerState): TextModel[] {
  return [...state.models.values()].filter(isAskable)
}

/** Models that are kept ready: what the answering thread has room for, two versions of each. */
const MAX_KEPT_READY = 2

/** Keeps the answering thread supplied: what is served is loaded before it is asked for, and each newer version as it comes. */
export class ReadyModels {
  readonly #compute: AnswerCompute
  readonly #library: Library
  readonly #logger: Logger
  /** By key; a load that failed is tried again. */
  readonly #loading = new Map<string, Promise<void>>()
  /** The newest last: the thread has room for two versions of so many. */
  readonly #kept = new Set<string>()

  constructor(parts: { compute: AnswerCompute; library: Library; logger: Logger }) {
    this.#compute = parts.compute
    this.#library = parts.library
    this.#logger = parts.logger
  }

  /** Loads the newest version of every model that is kept ready. */
  onState(state: LedgerState): void {
    for (const model of askableModels(state)) {
      if (!this.#kept.has(model.id)) continue
      void this.#load(model).catch(error =>
        this.#logger.warn('a new version cannot be made ready to answer', { model: model.id, error: String(error) }),
      )
    }
  }

  /** Whether all that answering takes is stored here. */
  async isHere({ document, tokenizer, parameters }: TextModel): Promise<boolean> {
    const here = await Promise.all([document, tokenizer, parameters].map(id => this.#library.has(id)))
    return here.every(Boolean)
  }

  /** Runs a job, after loading what it names. @throws what loading and computing throw */
  async generate(
    job: AnswerJob,
    onTokens: (tokens: readonly number[]) => void,
    signal?: AbortSignal,
  ): Promise<Generated> {
    let begun = false
    const run = () =>
      this.#compute.generate(
        job,
        tokens => {
          begun = true
          onTokens(tokens)
        },
        signal,
      )
    await this.#load(job)
    try {
      return await run()
    } catch (error) {
      // The thread keeps a few models only, and none when it had to be replaced.
      if (begun || !(error instanceof HydraError) || error.code !== 'ANSWER_MODEL_MISSING') throw error
      this.#loading.delete(keyOf(job))
      await this.#load(job)
      return run()
    }
  }

  /** From now on every version of the model is loaded as it comes; the one that was not wanted for longest makes room. */
  keepReady(model: string): void {
    this.#kept.delete(model)
    this.#kept.add(model)
    const [oldest] = this.#kept
    if (this.#kept.size > MAX_KEPT_READY && oldest !== undefined) this.#kept.delete(oldest)
  }

  /** Whether nothing has been asked for or kept ready yet. */
  get isIdle(): boolean {
    return this.#kept.size === 0
  }

  #load(model: Pick<AnswerJob, 'document' | 'tokenizer' | 'parameters'>): Promise<void> {
    const key = keyOf(model)
    const known = this.#loading.get(key)
    if (known) return known
    const loading = this.#fetchAndLoad(model)
    this.#loading.set(key, loading)
    loading.catch(() => this.#loading.delete(key))
    const [oldest] = this.#loading.keys()
    if (this.#loading.size > 16 && oldest !== undefined) this.#loading.delete(oldest)
    return loading
  }

  async #fetchAndLoad(ids: Pick<AnswerJob, 'document' | 'tokenizer' | 'parameters'>): Promise<void> {
    const [document, tokenizer, parameters] = await Promise.all([
      this.#library.get(ids.document),
      this.#library.get(ids.tokenizer),
      this.#library.get(ids.parameters),
    ])
    await this.#compute.load({ ids, document, tokenizer, parameters })
  }
}

function keyOf({ document, tokenizer, parameters }: Pick<AnswerJob, 'document' | 'tokenizer' | 'parameters'>): string {
  return `${document}/${tokenizer}/${parameters}`
}
