import { type Hash, HydraError, type Recipe } from '@hydraai/core'
import { assertFinite, type Engine, type ModelDocument, parametersToBytes } from '@hydraai/engine'
import { MAX_UNIT_OPERATIONS, operationsOf } from '@hydraai/ledger'
import { assertTask, type Dataset, EVALUATION_BATCH, evaluateModel, initialParameters } from '@hydraai/training'
import type { FoundResult } from './compute.ts'

/**
 * Most memory that a published model may need in the engine. Below what every engine may take, so that whether a model
 * fits depends on the model alone and not on who asks.
 */
export const MAX_MODEL_BYTES = 536_870_912

/** What a model is founded from. */
export interface FirstState {
  readonly document: ModelDocument
  readonly dataset: Dataset
  readonly recipe: Recipe
  readonly seed: Hash
}

/**
 * The state that a published model begins with: parameters drawn from the seed, no momentum, its score on what is held
 * out. A function of its inputs: what nobody could train or evaluate in its time fails here, at every node alike.
 * @throws HydraError MODEL_TOO_LARGE, TASK_MISMATCH, NON_FINITE, BATCH_INVALID
 */
export function firstStateOf(engine: Engine, job: FirstState): FoundResult {
  checkSize(engine, job)
  const { document, dataset, seed } = job
  const model = engine.compile(document, EVALUATION_BATCH)
  try {
    assertTask(model, dataset)
    const parameters = initialParameters(engine, document, seed)
    assertFinite(parameters, 'the first parameters')
    return {
      parameters: parametersToBytes(parameters),
      momentum: parametersToBytes(new Float32Array(parameters.length)),
      evaluation: evaluateModel({ model, dataset, parameters }),
    }
  } finally {
    model.dispose()
  }
}

/** The chain has seen the document and the recipe, but not the data, nor what memory they take. */
function checkSize(engine: Engine, { document, dataset, recipe }: FirstState): void {
  for (const batch of [EVALUATION_BATCH, recipe.batchSize]) {
    const bytes = engine.bytesOf(document, batch)
    if (bytes > MAX_MODEL_BYTES) tooLarge(`a batch of ${batch} needs ${bytes} bytes of memory`)
  }
  if (!(operationsOf(document) * dataset.testCount <= MAX_UNIT_OPERATIONS))
    tooLarge(`evaluating ${dataset.testCount} held-out samples takes too long`)
}

function tooLarge(problem: string): never {
  throw new HydraError('MODEL_TOO_LARGE', `The model is too large for its network: ${problem}.`, {
    advice: 'Use a smaller model, a smaller batch or fewer held-out samples.',
  })
}
