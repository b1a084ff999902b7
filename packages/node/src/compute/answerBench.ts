import { HydraError } from '@hydraai/core'
import {
  createEngine,
  type Engine,
  type Generated as EngineGenerated,
  type GeneratedToken,
  generateTokens,
  type ModelDocument,
  modelDocumentOfBytes,
  parametersOfBytes,
  type Generator as TextGenerator,
  type Tokenizer,
  tokenizerOfBytes,
} from '@hydraai/engine'
import type { AnswerJob, AnswerModel, AnswerModelIds, Generated } from './answering.ts'

/** Models held ready: two versions of two models. */
const MAX_LOADED = 4

interface Loaded {
  readonly document: ModelDocument
  readonly tokenizer: Tokenizer
  readonly parameters: Float32Array
  /** Generators that no answer uses now. */
  readonly idle: TextGenerator[]
  answers: number
}

/** Answers questions on this thread: an engine of its own, models laid out once, several answers in turns. */
export class AnswerBench {
  readonly #engine: Engine
  /** In the order of last use. */
  readonly #loaded = new Map<string, Loaded>()

  constructor(wasm: Uint8Array) {
    this.#engine = createEngine(wasm)
  }

  /** @throws HydraError when the documents are not those of a language model, or do not fit each other */
  load({ ids, ...model }: AnswerModel): void {
    const key = keyOf(ids)
    if (this.#loaded.has(key)) return
    const document = modelDocumentOfBytes(model.document)
    const tokenizer = tokenizerOfBytes(model.tokenizer)
    const parameters = parametersOfBytes(model.parameters)
    this.#makeRoom()
    const generator = this.#generator(document, parameters)
    this.#loaded.set(key, { document, tokenizer, parameters, idle: [generator], answers: 0 })
  }

  /** The answer, step by step; `next(true)` stops it. Whoever leaves off before its end calls `return`. */
  *answer(job: AnswerJob): Generator<GeneratedToken, Generated, boolean> {
    const key = keyOf(job)
    const model = this.#loaded.get(key)
    if (!model) throw new HydraError('ANSWER_MODEL_MISSING', `The model ${job.parameters} is not loaded.`)
    this.#loaded.delete(key)
    this.#loaded.set(key, model)
    const generator = model.idle.pop() ?? this.#generator(model.document, model.parameters)
    model.answers++
    try {
      const { question, mode, maxTokens, temperaturePpm, topK, topPPpm, seed } = job
      const sampling = { temperaturePpm, topK, topPPpm, seed }
      const { tokenizer } = model
      return plain(yield* generateTokens({ generator, tokenizer, question, mode, maxTokens, sampling }))
    } finally {
      model.answers--
      model.idle.push(generator)
      // One is kept; a second was made for an answer that came meanwhile.
      if (model.answers === 0) for (const spare of model.idle.splice(1)) spare.dispose()
    }
  }

  #generator(document: ModelDocument, parameters: Float32Array): TextGenerator {
    const generator = this.#engine.generator(document)
    try {
      generator.setParameters(parameters)
      return generator
    } catch (error) {
      generator.dispose()
      throw error
    }
  }

  #makeRoom(): void {
    for (const [key, { idle, answers }] of this.#loaded) {
      if (this.#loaded.size < MAX_LOADED) return
      if (answers > 0) continue
      for (const generator of idle) generator.dispose()
      this.#loaded.delete(key)
    }
  }
}

function plain({ tokens, text, ended }: EngineGenerated): Generated {
  return { tokens: [...tokens], text, ended }
}

function keyOf({ document, tokenizer, parameters }: AnswerModelIds): string {
  return `${document}/${tokenizer}/${parameters}`
}
