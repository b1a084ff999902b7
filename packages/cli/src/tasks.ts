import { HydraError } from '@hydraai/core'
import type { FoundingTask } from '@hydraai/node'

/**
 * What a network can be founded with, by the name that stands behind `--models`. What makes it is loaded when it is made: the
 * names alone are needed for every `--help`.
 */
const TASKS: Readonly<Record<string, () => Promise<FoundingTask>>> = {
  'mnist-cnn': async () => (await import('@hydraai/datasets')).mnistTask(),
  'hydra-gpt': () => shippedHydraGpt('hydraGptRecipe'),
  // How the checkpoint that ships was made: from the first parameters, then from that in smaller steps.
  'hydra-gpt:untrained': untrainedHydraGpt,
  'hydra-gpt:refining': () => shippedHydraGpt('hydraGptRefiningRecipe'),
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

async function shippedHydraGpt(name: 'hydraGptRecipe' | 'hydraGptRefiningRecipe'): Promise<FoundingTask> {
  const { hydraGptData, readCheckpoint } = await import('@hydraai/datasets')
  const { modelDocumentOfBytes } = await import('@hydraai/engine')
  const { [name]: recipe } = await import('@hydraai/training')
  const [dataset, { model, version, document, tokenizer, parameters, lineage }] = await Promise.all([
    hydraGptData(),
    readCheckpoint(),
  ])
  const checkpoint = { parameters, version, lineage }
  return { id: model, document: modelDocumentOfBytes(document), dataset, recipe, tokenizer, checkpoint }
}

async function untrainedHydraGpt(): Promise<FoundingTask> {
  const { loadHydraGptTask } = await import('@hydraai/datasets')
  const { hydraGptDocument, hydraGptLineageRecipe: recipe } = await import('@hydraai/training')
  const { tokenizer, dataset } = await loadHydraGptTask()
  return { id: 'hydra-gpt', document: hydraGptDocument, dataset, recipe, tokenizer }
}
