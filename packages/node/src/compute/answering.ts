import type { Hash } from '@hydraai/core'

/** What a language model is made of, by content id. */
export interface AnswerModelIds {
  readonly document: Hash
  readonly tokenizer: Hash
  readonly parameters: Hash
}

/** A language model to be held ready. */
export interface AnswerModel {
  readonly ids: AnswerModelIds
  readonly document: Uint8Array
  readonly tokenizer: Uint8Array
  readonly parameters: Uint8Array
}

/** All that an answer is a function of. */
export interface AnswerJob extends AnswerModelIds {
  readonly question: string
  readonly mode: 'answer' | 'continue'
  readonly temperaturePpm: number
  readonly topK: number
  readonly topPPpm: number
  readonly seed: Hash
  readonly maxTokens: number
}

/** A whole answer. */
export interface Generated {
  /** Without the one that ended it. */
  readonly tokens: readonly number[]
  readonly text: string
  readonly ended: 'end' | 'length' | 'stopped'
}

/** The part of the compute port that answers questions, apart from training and checking. */
export interface AnswerCompute {
  /** Makes a model ready to answer. A few are held; the one that was not asked for longest goes. */
  load(model: AnswerModel): Promise<void>
  /**
   * Answers. `onTokens` hears of tokens as they come; a signal that aborts ends the answer as `stopped`.
   * @throws HydraError ANSWER_MODEL_MISSING when the model is not loaded (any more), and what the engine throws
   */
  generate(job: AnswerJob, onTokens: (tokens: readonly number[]) => void, signal?: AbortSignal): Promise<Generated>
}
