/** From what a person names to a document and a recipe, and what they cost to train. */
import { addressOfBytes, HydraError, type Recipe, recipeCodec, taggedHash, utf8 } from '@hydraai/core'
import {
  createEngine,
  type ModelDocument,
  modelDocumentCodec,
  modelDocumentToBytes,
  parameterCount,
} from '@hydraai/engine'
import {
  assertTask,
  type Dataset,
  initialParameters,
  type Preset,
  presetFor,
  presets,
  roundProbe,
  strataOf,
  trainUnit,
} from '@hydraai/training'
import { readSmallFile } from '../../files.ts'

/** The longest document that a chain takes. */
const MAX_DOCUMENT_BYTES = 16_384

export interface ModelTask extends Preset {
  /** A preset's name, or the file. */
  readonly from: string
}

/**
 * The preset of that name; or the document of a JSON file, alone with the preset's recipe for such data or as
 * {document, recipe}; or, if nothing is named, the preset for such data.
 * @throws HydraError OPTION_INVALID, DOCUMENT_INVALID, PRESET_MISMATCH, FILE_MISSING
 */
export async function taskFor(dataset: Dataset, named: string | undefined): Promise<ModelTask> {
  const usual = presetFor(dataset.format)
  const name = named ?? usual
  if (Object.hasOwn(presets, name)) return { from: name, ...presets[name as keyof typeof presets](dataset) }
  if (!name.endsWith('.json')) {
    throw new HydraError('OPTION_INVALID', `There is no document "${name}".`, {
      advice: `Give ${Object.keys(presets).join(', ')} or a file that ends with .json.`,
    })
  }
  const { document, recipe } = parseDocument(await readSmallFile(name), name)
  return { from: name, document, recipe: recipe ?? presets[usual](dataset).recipe }
}

function parseDocument(text: string, path: string): { document: ModelDocument; recipe: Recipe | undefined } {
  try {
    const json = JSON.parse(text) as { document?: unknown; recipe?: unknown }
    const document = modelDocumentCodec.fromWire(json.document ?? json, '$')
    if (modelDocumentToBytes(document).length > MAX_DOCUMENT_BYTES) throw new Error('it is too long')
    return { document, recipe: json.recipe === undefined ? undefined : recipeCodec.fromWire(json.recipe, '$.recipe') }
  } catch (cause) {
    throw new HydraError('DOCUMENT_INVALID', `${path} is no model document: ${(cause as Error).message}.`, {
      advice: 'hydra_node model show NAME --json prints one to begin with.',
      cause,
    })
  }
}

export interface TrainingCost {
  readonly parameters: number
  /** Memory of the model while it trains. */
  readonly memoryBytes: number
  /** A unit on one core of this machine. */
  readonly unitMs: number
}

// Any seed and any trainer will do.
const SEED = taggedHash('hydra/estimate/1', utf8('seed'))
const NOBODY = addressOfBytes(new Uint8Array(20))

/**
 * Trains a few steps to see how long a unit takes.
 * @throws HydraError TASK_MISMATCH when model and data do not fit together, ENGINE_MEMORY when it is too large
 */
export function measureTask(wasm: Uint8Array, dataset: Dataset, { document, recipe }: ModelTask): TrainingCost {
  const engine = createEngine(wasm)
  const memoryBytes = engine.bytesOf(document, recipe.batchSize)
  const parameters = initialParameters(engine, document, SEED)
  const model = engine.compile(document, recipe.batchSize)
  assertTask(model, dataset)
  const probe = roundProbe({ beacon: SEED, model: 'estimate', round: 1, recipe, strata: strataOf(dataset) })
  const timeOf = (steps: number): number => {
    const startedAt = performance.now()
    const id = { beacon: SEED, model: 'estimate', round: 1, unit: 0, trainer: NOBODY }
    // A schedule takes no time, but its warm-up may be longer than these few steps.
    const inner = { ...recipe.inner, warmUpSteps: 0 }
    const short = { ...recipe, inner, stepsPerUnit: steps, traceEvery: steps }
    trainUnit({ id, model, dataset, parameters, recipe: short, residual: null, probe })
    return performance.now() - startedAt
  }
  // The first is slower: the module is compiled as it goes.
  timeOf(1)
  const short = timeOf(1)
  const step = Math.max(0, timeOf(3) - short) / 2
  model.dispose()
  return { parameters: parameterCount(document), memoryBytes, unitMs: short + step * (recipe.stepsPerUnit - 1) }
}
