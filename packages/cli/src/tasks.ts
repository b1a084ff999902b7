import { HydraError, type Recipe } from '@hydraai/core'
import { hydraGptData, loadHydraGptTask, mnistTask, readCheckpoint } from '@hydraai/datasets'
import { modelDocumentOfBytes } from '@hydraai/engine'
import type { FoundingTask } from '@hydraai/node'
import { hydraGptDocument, hydraGptLineageRecipe, hydraGptRecipe } from '@hydraai/training'

/** What a network can be founded with, by the name that stands behind `--models`. */
const TASKS: Readonly<Record<string, () => Promise<FoundingTask>>> = {
  'mnist-cnn': mnistTask,
  'hydra-gpt': shippedHydraGpt,
  // The same model from its first parameters: how the checkpoint that ships was made.
  'hydra-gpt:untrained': () => untrainedHydraGpt(hydraGptLineageRecipe),
}

export const DEFAULT_TASKS: readonly string[] = ['mnist-cnn', 'hydra-gpt']

/** `mnist-cnn,hydra-gpt` → the names. @throws HydraError OPTION_INVALID */
export function parseTasks(text: string): readonly string[] {
  const names = text.split(',').map(name => name.trim())
  const known = Object.keys(TASKS)
  const unknown = names.find(name => !Object.hasOwn(TASKS, name))
  if (unknown !== undefined)
    throw new HydraError('OPTION_INVALID', `"${unknown}" is no model that a network can begin with.`, {
      advice: `Choose from ${known.join(', ')}, separated by commas.`,
    })
  if (new Set(names.map(name => name.split(':')[0])).size !== names.length)
    throw new HydraError('OPTION_INVALID', 'A model is named twice.')
  return names
}

/** The tasks of these names, in their order. */
export function loadTasks(names: readonly string[]): Promise<FoundingTask[]> {
  return Promise.all(names.map(name => TASKS[name]!()))
}

async function shippedHydraGpt(): Promise<FoundingTask> {
  const [dataset, { model, version, document, tokenizer, parameters, lineage }] = await Promise.all([
    hydraGptData(),
    readCheckpoint(),
  ])
  const checkpoint = { parameters, version, lineage }
  return { id: model, document: modelDocumentOfBytes(document), dataset, recipe: hydraGptRecipe, tokenizer, checkpoint }
}

async function untrainedHydraGpt(recipe: Recipe): Promise<FoundingTask> {
  const { tokenizer, dataset } = await loadHydraGptTask()
  return { id: 'hydra-gpt', document: hydraGptDocument, dataset, recipe, tokenizer }
}
