import { contentIdOf, type Hash, HydraError } from '@hydraai/core'
import type { LedgerState, Model } from '@hydraai/ledger'
import { Chain, type DataFolder } from '@hydraai/node'
import { BlobStore, openDiskStorage, type Storage } from '@hydraai/storage'
import { z } from 'zod'
import type { NamedModel } from './textModel.ts'

/** Where models and their content are looked up: a running node, or the folder of one that does not run. */
export interface ContentSource {
  /** The chain that it follows. */
  readonly chainId: string
  /** In words, with the model's name before it. */
  readonly where: string
  /** The models of texts that there are now. */
  models(): Promise<readonly (NamedModel & { readonly data: Hash })[]>
  /** Undefined when it is not there (any more). */
  content(id: Hash): Promise<Uint8Array | undefined>
  close(): Promise<void>
}

const TIMEOUT_MS = 30_000
const MAX_CONTENT_BYTES = 64 * 1024 * 1024
const hash = z.string().regex(/^[0-9a-f]{64}$/) as unknown as z.ZodType<Hash>
const statusShape = z.object({ chain: z.object({ id: z.string() }) })
const rowsShape = z.object({ models: z.array(z.object({ id: z.string(), tokenizer: hash.nullable() })).max(64) })
const modelShape = z.object({
  id: z.string(),
  version: z.number(),
  documentId: hash,
  data: hash,
  tokenizer: hash.nullable(),
  parameters: hash,
})

/**
 * The node that runs in the folder, else what the folder has stored; undefined for a folder without a chain. Close it when done.
 */
export async function sourceIn(folder: DataFolder): Promise<ContentSource | undefined> {
  return (await runningSource(folder)) ?? (await storedSource(folder))
}

/** Undefined when no node runs in the folder. */
export async function runningSource(folder: DataFolder): Promise<ContentSource | undefined> {
  const api = await folder.api()
  if (!api) return undefined
  const get = (path: string) => fetch(api.url + path, { signal: AbortSignal.timeout(TIMEOUT_MS) })
  const json = async <T>(path: string, shape: z.ZodType<T>): Promise<T> => shape.parse(await (await get(path)).json())
  try {
    const { chain } = await json('/api/status', statusShape)
    return {
      chainId: chain.id,
      where: 'the running node',
      async models() {
        const { models } = await json('/api/models', rowsShape)
        const askable = models.filter(({ tokenizer }) => tokenizer !== null)
        const rows = await Promise.all(
          askable.map(({ id }) => json(`/api/models/${encodeURIComponent(id)}`, modelShape)),
        )
        return rows.flatMap(({ id, documentId, tokenizer, ...rest }) =>
          tokenizer === null ? [] : [{ ...rest, model: id, document: documentId, tokenizer }],
        )
      },
      async content(id) {
        const response = await get(`/api/content/${id}`)
        if (!response.ok) return undefined
        const bytes = new Uint8Array(await response.arrayBuffer())
        return bytes.length <= MAX_CONTENT_BYTES && contentIdOf(bytes) === id ? bytes : undefined
      },
      close: async () => {},
    }
  } catch {
    // A node that was killed leaves its note behind.
    return undefined
  }
}

async function storedSource(folder: DataFolder): Promise<ContentSource | undefined> {
  const genesis = await folder.genesis()
  if (!genesis) return undefined
  const storage = await openStorage(folder)
  try {
    const { state } = await Chain.open({ genesis, storage })
    const blobs = new BlobStore(storage.db)
    return {
      chainId: genesis.chainId,
      where: folder.path,
      models: async () => textModelsOf(state),
      content: id => blobs.get(id),
      close: () => storage.close(),
    }
  } catch (error) {
    await storage.close()
    throw error
  }
}

async function openStorage(folder: DataFolder): Promise<Storage> {
  try {
    return await openDiskStorage(folder.storeFolder)
  } catch (error) {
    if (!(error instanceof HydraError) || error.code !== 'STORAGE_LOCKED') throw error
    throw new HydraError('STORAGE_LOCKED', `The folder ${folder.path} is in use by a node that does not answer.`, {
      advice: 'It may be starting or stopping: try again in a moment.',
      cause: error,
    })
  }
}

function textModelsOf(state: LedgerState): (NamedModel & { data: Hash })[] {
  return [...state.models.values()].flatMap(({ id, version, document, data, tokenizer, parameters }: Model) =>
    tokenizer === null ? [] : [{ model: id, version, document, data, tokenizer, parameters }],
  )
}
