import { HydraError } from '@hydraai/core'
import type { Allocator, Block } from '../allocator.ts'
import type { ModelDocument } from '../document.ts'
import type { Kernels } from '../wasm.ts'
import { type DecodePlan, decodePlanOf } from './decodePlan.ts'
import { type Sampling, sample } from './sampling.ts'

/**
 * A language model that reads one token at a time and keeps the keys and values of those before (a KV cache). It owns its
 * memory until it is disposed of. The logits have the same bits everywhere: those of `Model.logits` at the same place.
 */
export interface Generator {
  /** Most tokens that it can hold. */
  readonly context: number
  /** Tokens are 0 to `vocabulary` - 1. */
  readonly vocabulary: number
  /** Tokens that it holds. */
  readonly length: number
  /** In the order of `parameterLayout`; zero until then. Forgets all tokens. @throws HydraError SHAPE_MISMATCH */
  setParameters(values: Float32Array): void
  /** Forgets all tokens. */
  reset(): void
  /** Appends a token: the logits [vocabulary] of the one after it. @throws HydraError TOKEN_INVALID, CONTEXT_FULL */
  feed(token: number): Float32Array
  /** Draw number `index` of the seed from logits; see {@link Sampling}. @throws HydraError SAMPLING_INVALID, NON_FINITE */
  sample(logits: Float32Array, sampling: Sampling, index: number): number
  /** Gives the memory back. Every later call throws MODEL_DISPOSED; disposing twice does nothing. */
  dispose(): void
}

export class CachedGenerator implements Generator {
  readonly #memory: WebAssembly.Memory
  readonly #kernels: Kernels
  readonly #allocator: Allocator
  readonly #plan: DecodePlan
  #block: Block | null
  #length = 0

  constructor(document: ModelDocument, memory: WebAssembly.Memory, kernels: Kernels, allocator: Allocator) {
    this.#memory = memory
    this.#kernels = kernels
    this.#allocator = allocator
    this.#plan = decodePlanOf(document, kernels)
    this.#block = allocator.allocate(this.#plan.bytes)
    this.#plan.place(this.#block.address)
  }

  get context(): number {
    return this.#plan.context
  }

  get vocabulary(): number {
    return this.#plan.vocabulary
  }

  get length(): number {
    return this.#length
  }

  setParameters(values: Float32Array): void {
    this.#assertLive()
    const { parameterCount } = this.#plan
    if (values.length !== parameterCount) {
      throw new HydraError('SHAPE_MISMATCH', `${values.length} parameters, but the model has ${parameterCount}`)
    }
    this.#plan.load(values, new Float32Array(this.#memory.buffer))
    this.#length = 0
  }

  reset(): void {
    this.#assertLive()
    this.#length = 0
  }

  feed(token: number): Float32Array {
    this.#assertLive()
    const { context, vocabulary, logits } = this.#plan
    if (!Number.isInteger(token) || token < 0 || token >= vocabulary) {
      throw new HydraError('TOKEN_INVALID', `token ${token}, but the vocabulary is 0 to ${vocabulary - 1}`)
    }
    if (this.#length === context) {
      throw new HydraError('CONTEXT_FULL', `the model holds ${context} tokens, and no more`, {
        advice: 'Use a shorter text, or reset the generator.',
      })
    }
    new Int32Array(this.#memory.buffer, this.#plan.token.address, 1)[0] = token
    this.#plan.run(this.#length++)
    return new Float32Array(this.#memory.buffer, logits.address, vocabulary).slice()
  }

  sample(logits: Float32Array, sampling: Sampling, index: number): number {
    this.#assertLive()
    return sample(this.#kernels, logits, sampling, index)
  }

  dispose(): void {
    if (this.#block !== null) this.#allocator.free(this.#block)
    this.#block = null
  }

  #assertLive(): void {
    if (this.#block === null) throw new HydraError('MODEL_DISPOSED', 'the generator was disposed of')
  }
}
