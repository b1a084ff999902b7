import type { Known } from '../asking/check/messages.ts'
import type { State } from './state.ts'

/** What the page knows from the chain of one version of a model: out of the model's row and of the blocks it holds. */
export function knownOf(
  { models, blocks, histories }: Pick<State, 'models' | 'blocks' | 'histories'>,
  model: string,
  version: number,
): Known {
  const row = models?.find(({ id }) => id === model)
  const isIt = (other: { id: string; version: number }) => other.id === model && other.version === version
  const inBlocks = blocks?.flatMap(block => block.models).find(isIt)
  const parameters = row !== undefined && isIt(row) ? row.parameters : (inBlocks?.parameters ?? null)
  return { document: histories[model]?.documentId ?? null, tokenizer: row?.tokenizer ?? null, parameters }
}
