import { encode, type Hash, HydraError, recipeCodec } from '@hydraai/core'
import { checkAction, MAX_DOCUMENT_BYTES, type Publish } from '@hydraai/ledger'
import { MAX_BLOB_BYTES } from '@hydraai/storage'
import type { z } from 'zod'
import type { HydraNode } from '../../node.ts'
import { CONTENT_LIFETIME_BLOCKS } from '../../training/content.ts'
import { ApiError } from '../http/errors.ts'
import type { requests } from '../http/schemas.ts'

/** Most bytes of content that the API gives out; it is read whole. */
export const MAX_EXPORT_BYTES = 64 * 1024 * 1024
/** Most bytes of content that it takes in. */
export const MAX_IMPORT_BYTES = MAX_BLOB_BYTES

/** Content that is stored here; asks no peer. @throws ApiError CONTENT_TOO_LARGE */
export async function storedContent({ library }: HydraNode, id: Hash): Promise<Uint8Array | undefined> {
  const size = await library.size(id)
  if (size !== undefined && size > MAX_EXPORT_BYTES)
    throw new ApiError(413, 'CONTENT_TOO_LARGE', `The content has ${size} bytes; the API gives ${MAX_EXPORT_BYTES}.`)
  return size === undefined ? undefined : library.stored(id)
}

/** Stores content for as long as it takes to publish what names it; then it is kept for as long as the chain names it. */
export async function storeContent({ library, chain }: HydraNode, bytes: Uint8Array): Promise<Hash> {
  if (bytes.length === 0) throw new ApiError(400, 'CONTENT_EMPTY', 'The body holds no content.')
  const id = await library.put(bytes)
  await library.expire(id, chain.height + CONTENT_LIFETIME_BLOCKS)
  return id
}

/** The action that publishes a model, looked over before anything is paid. @throws ApiError, HydraError */
export async function publishOf(node: HydraNode, body: z.output<typeof requests.publish>): Promise<Publish> {
  const { id: model, recipe } = body
  const document = new Uint8Array(Buffer.from(body.document, 'base64'))
  if (document.length > MAX_DOCUMENT_BYTES)
    throw new ApiError(
      400,
      'MODEL_REFUSED',
      `The document has ${document.length} bytes, more than ${MAX_DOCUMENT_BYTES}.`,
    )
  const [data, tokenizer] = [body.data as Hash, body.tokenizer as Hash | null]
  for (const id of [data, tokenizer]) {
    if (id === null || (await node.library.has(id))) continue
    throw new ApiError(400, 'CONTENT_MISSING', `This node does not store ${id}, so nobody could fetch it.`, {
      advice: 'Store it first: POST /api/content.',
    })
  }
  try {
    encode(recipeCodec, recipe)
  } catch (cause) {
    if (!(cause instanceof HydraError)) throw cause
    throw new ApiError(400, 'RECIPE_INVALID', `The recipe is not one: ${cause.message}.`, { cause })
  }
  const action: Publish = { type: 'publish', model, document, data, tokenizer, recipe }
  checkAction(node.state, node.ports.keys.publicKey, action)
  return action
}
