import { contentIdOf } from '@hydraai/core'
import type { AnswerModel, AnswerModelIds } from '@hydraai/node'

/** A language model in hand: what answers without a network, and what an answer is run again with. */
export interface HeldModel extends AnswerModel {
  readonly model: string
  readonly version: number
  /** In words: where it was found. */
  readonly from: string
  readonly mode: 'answer' | 'continue'
}

/** What a chain, or the release, says that a model consists of now. */
export interface NamedModel extends AnswerModelIds {
  readonly model: string
  readonly version: number
}

/** The same bytes under their content ids. */
export function heldModel(parts: Omit<HeldModel, 'ids'>): HeldModel {
  const { document, tokenizer, parameters } = parts
  const ids = {
    document: contentIdOf(document),
    tokenizer: contentIdOf(tokenizer),
    parameters: contentIdOf(parameters),
  }
  return { ...parts, ids }
}
