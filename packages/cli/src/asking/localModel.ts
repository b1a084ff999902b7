import { HydraError } from '@hydraai/core'
import { type DataFolder, modeOfDataset } from '@hydraai/node'
import { type ContentSource, sourceIn } from './contentSource.ts'
import { shippedModel } from './shipped.ts'
import { type HeldModel, heldModel, type NamedModel } from './textModel.ts'

const DEFAULT_MODEL = 'hydra-gpt'

/**
 * The newest version of a model that is here: of the running node, of the folder's chain, or the one that came with the
 * program. @throws HydraError MODEL_UNKNOWN
 */
export async function localModel(folder: DataFolder, name: string | undefined): Promise<HeldModel> {
  const source = await sourceIn(folder)
  try {
    const stored = source && (await newestOf(source, name))
    if (stored) return stored
    const shipped = await shippedModel()
    if (name === undefined || name === shipped.model) return shipped
    throw await unknown(name, source, shipped)
  } finally {
    await source?.close()
  }
}

async function newestOf(source: ContentSource, name: string | undefined): Promise<HeldModel | undefined> {
  const models = await source.models()
  const wanted = name ?? DEFAULT_MODEL
  const model = models.find(({ model }) => model === wanted) ?? (name === undefined ? models[0] : undefined)
  if (!model) return undefined
  const [document, tokenizer, parameters, data] = await Promise.all(
    [model.document, model.tokenizer, model.parameters, model.data].map(id => source.content(id)),
  )
  if (!document || !tokenizer || !parameters) return undefined
  const { version } = model
  const mode = data ? modeOfDataset(data) : 'answer'
  return heldModel({ model: model.model, version, document, tokenizer, parameters, from: source.where, mode })
}

async function unknown(name: string, source: ContentSource | undefined, shipped: HeldModel): Promise<HydraError> {
  const named: NamedModel[] = source ? [...(await source.models())] : []
  const names = new Set([...named.map(({ model }) => model), shipped.model])
  return new HydraError('MODEL_UNKNOWN', `No version of ${name} is stored here.`, {
    advice: `Models that can be asked: ${[...names].join(', ')}.`,
  })
}
