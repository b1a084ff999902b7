import { type Hash, HydraError } from '@hydraai/core'
import { type ExportOrigin, toSafetensors } from '@hydraai/datasets'
import { modelDocumentOfBytes, parametersOfBytes, tokenizerOfBytes } from '@hydraai/engine'
import { decodeDataset, IMAGE_FORMAT, TABLE_FORMAT } from '@hydraai/training'
import { ExitCode } from '../../exit.ts'
import { refuseTaken, writeNewFile } from '../../files.ts'
import { Terminal } from '../../output/terminal.ts'
import type { FoundNode } from '../../running/findNode.ts'
import type { NodeClient } from '../../running/nodeClient.ts'
import type { ExportFlags } from './flags.ts'
import { printJson } from './output.ts'
import { isFounded, type ModelDetails, modelNamed, statusSchema } from './shapes.ts'
import { sizeText } from './words.ts'

const PUBLIC = 0o644

/** Writes the newest version of a model into a file that other programs read. */
export async function exportModel({ client }: FoundNode, name: string, flags: ExportFlags): Promise<number> {
  await refuseTaken(flags.out)
  const { model, parameters } = await newestVersion(client, name)
  const { chain } = await client.get('/api/status', statusSchema)
  const document = modelDocumentOfBytes(await contentNamed(client, model.documentId, 'the layers'))
  const origin: ExportOrigin = {
    chainId: chain.id,
    model: model.id,
    version: model.version,
    data: model.data,
    tokenizer: model.tokenizer,
  }
  const notes = { ...(await meaningOf(client, model)), ...(await mergesOf(client, model)) }
  const file = toSafetensors({ document, parameters: parametersOfBytes(parameters), origin, notes })
  await writeNewFile(flags.out, PUBLIC, target => target.writeFile(file))
  const { id, version, parameters: hash } = model
  if (flags.json)
    printJson({ event: 'exported', model: id, version, parameters: hash, file: flags.out, bytes: file.length })
  else {
    const terminal = new Terminal()
    terminal.fact('exported', `${id}, version ${version}, ${sizeText(file.length)}: ${flags.out}`)
    terminal.fact('weights', hash)
    terminal.fact('load it', `python3 bench/pytorch/load_export.py ${flags.out}`)
  }
  return ExitCode.ok
}

/** A version may be replaced, and its parameters dropped, between the two requests: then the next is taken. */
async function newestVersion(
  client: NodeClient,
  name: string,
): Promise<{ model: ModelDetails; parameters: Uint8Array }> {
  for (let attempt = 0; ; attempt++) {
    const model = await modelNamed(client, name)
    if (!isFounded(model)) {
      throw new HydraError('MODEL_NOT_FOUNDED', `${name} has no parameters yet.`, { advice: 'Wait for a few blocks.' })
    }
    const parameters = await client.content(model.parameters)
    if (parameters !== undefined) return { model, parameters }
    if (attempt === 2) throw notHere('the parameters')
  }
}

async function contentNamed(client: NodeClient, id: Hash, what: string): Promise<Uint8Array> {
  const bytes = await client.content(id)
  if (bytes === undefined) throw notHere(what)
  return bytes
}

function notHere(what: string): HydraError {
  return new HydraError('CONTENT_MISSING', `The node does not hold ${what}.`, {
    advice: 'Let it train or check the model first: then it fetches what belongs to it.',
  })
}

/** What inputs and outputs stand for, where the node has the data at hand. */
async function meaningOf(client: NodeClient, { data, kind }: ModelDetails): Promise<Record<string, string>> {
  if (kind === 'text') return {}
  const bytes = await client.content(data).catch(() => undefined)
  if (bytes === undefined) return {}
  const dataset = decodeDataset(bytes)
  if (dataset.format === IMAGE_FORMAT) return { classes: JSON.stringify(dataset.classNames) }
  if (dataset.format !== TABLE_FORMAT) return {}
  const { columns, target, classNames } = dataset
  return { columns: JSON.stringify(columns), target, classes: JSON.stringify(classNames) }
}

/** The tokens of a language model: 0 ends an answer, 1 begins it, 2 to 257 are bytes, then one for each pair. */
async function mergesOf(client: NodeClient, { tokenizer }: ModelDetails): Promise<Record<string, string>> {
  if (tokenizer === null) return {}
  const { merges } = tokenizerOfBytes(await contentNamed(client, tokenizer, 'the tokenizer'))
  return { merges: JSON.stringify(merges) }
}
