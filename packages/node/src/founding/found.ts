import { contentIdOf, encode, fromHex, type Hash, type Recipe, taggedHash, utf8 } from '@hydraai/core'
import {
  assertFinite,
  createEngine,
  ENGINE_SHA256,
  type ModelDocument,
  modelDocumentCodec,
  parameterCount,
  parametersToBytes,
} from '@hydraai/engine'
import {
  type ChainParameters,
  DEFAULT_PARAMETERS,
  foundingSeed,
  type Genesis,
  type GenesisModel,
  type GenesisValidator,
} from '@hydraai/ledger'
import { type Dataset, EVALUATION_BATCH, encodeDataset, evaluateModel, initialParameters } from '@hydraai/training'

/** A model that a new network begins with. */
export interface FoundingTask {
  readonly id: string
  readonly document: ModelDocument
  readonly dataset: Dataset
  readonly recipe: Recipe
  /** For a model of texts: the encoding of the tokenizer that its data was made with. */
  readonly tokenizer?: Uint8Array
  /** What it begins with instead of parameters that nobody has trained. */
  readonly checkpoint?: Checkpoint
}

/** A trained model, and how it came about. */
export interface Checkpoint {
  /** `[parameterCount]`. */
  readonly parameters: Float32Array
  /** Aggregations behind it. */
  readonly version: number
  /** The file that says how to make it again. */
  readonly lineage: Uint8Array
}

/** A network that does not exist yet: its genesis, and the content that the genesis names by hash. */
export interface Founding {
  readonly genesis: Genesis
  readonly blobs: readonly Uint8Array[]
}

/**
 * Lays down a network. Everything follows from the arguments: the same founders, tasks and time give the same genesis.
 */
export function foundNetwork(options: {
  validators: readonly GenesisValidator[]
  tasks: readonly FoundingTask[]
  time: number
  wasm: Uint8Array
  parameters?: Partial<ChainParameters>
}): Founding {
  const { validators, tasks, time, wasm } = options
  const prepared = tasks.map(task => prepare(task, wasm))
  const founders = validators.map(({ publicKey }) => fromHex(publicKey))
  const chainHash = taggedHash('hydra/chain-id/1', utf8(String(time)), ...founders)
  const genesis: Genesis = {
    format: 'hydra-genesis/1',
    chainId: `hydra-${chainHash.slice(0, 8)}`,
    time,
    engine: ENGINE_SHA256,
    parameters: { ...DEFAULT_PARAMETERS, ...options.parameters },
    validators,
    models: prepared.map(({ model }) => model),
  }
  return { genesis, blobs: prepared.flatMap(({ blobs }) => blobs) }
}

function prepare(
  { id, document, dataset, recipe, tokenizer, checkpoint }: FoundingTask,
  wasm: Uint8Array,
): { model: GenesisModel; blobs: Uint8Array[] } {
  const engine = createEngine(wasm)
  const parameters = checkpoint?.parameters ?? initialParameters(engine, document, foundingSeed(id))
  assertFinite(parameters, `the parameters of ${id}`)
  const compiled = engine.compile(document, EVALUATION_BATCH)
  const evaluation = evaluateModel({ model: compiled, dataset, parameters })
  compiled.dispose()
  const blobs = [
    encode(modelDocumentCodec, document),
    encodeDataset(dataset),
    parametersToBytes(parameters),
    parametersToBytes(new Float32Array(parameters.length)),
    ...(tokenizer ? [tokenizer] : []),
    ...(checkpoint ? [checkpoint.lineage] : []),
  ]
  const [documentId, dataId, parametersId, momentumId] = blobs.map(contentIdOf) as [Hash, Hash, Hash, Hash]
  return {
    model: {
      id,
      document: documentId,
      data: dataId,
      tokenizer: tokenizer ? contentIdOf(tokenizer) : null,
      parameters: parametersId,
      momentum: momentumId,
      parameterCount: parameterCount(document),
      version: checkpoint?.version ?? 0,
      lineage: checkpoint ? contentIdOf(checkpoint.lineage) : null,
      recipe,
      evaluation,
    },
    blobs,
  }
}
