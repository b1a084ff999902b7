import type { Hash } from '@hydraai/core'
import type { HydraNode } from '../../node.ts'
import { MAX_EXPORT_BYTES, MAX_IMPORT_BYTES, publishOf, storeContent, storedContent } from '../content/publishing.ts'
import { bytesIn, bytesOut, type Route, route } from '../http/route.ts'
import * as shapes from '../http/schemas.ts'

const { requests } = shapes

/** Room for a model document in base64 and its recipe. */
const MAX_PUBLISH_BODY_BYTES = 32_768

/** What brings models to the network, and what takes them out. */
export function contentRoutes(node: HydraNode): Route[] {
  return [
    bytesOut('/api/content/:hash', {
      summary: `Content by its hash, as this node stores it; at most ${MAX_EXPORT_BYTES} bytes`,
      params: requests.contentId,
      query: requests.nothing,
      handle: ({ params }) => storedContent(node, params.hash as Hash),
    }),
    bytesIn('/api/content', {
      summary: 'Stores content, such as the data of a model about to be published, and serves it to peers',
      maxBodyBytes: MAX_IMPORT_BYTES,
      answer: shapes.stored,
      handle: async bytes => ({ hash: await storeContent(node, bytes) }),
    }),
    route('POST', '/api/models', {
      summary: 'Publishes a model whose data this node stores; the chain then founds it or drops it',
      secret: true,
      maxBodyBytes: MAX_PUBLISH_BODY_BYTES,
      body: requests.publish,
      answer: shapes.accepted,
      handle: async ({ body }) => ({ transaction: node.outbox.send(await publishOf(node, body)) }),
    }),
    route('POST', '/api/node/only', {
      summary: 'Trains one model only from now on, or all with null; a restart changes nothing about it',
      secret: true,
      body: requests.only,
      answer: shapes.onlyAnswer,
      handle: async ({ body }) => {
        await node.setOnly(body.model)
        return { only: node.only }
      },
    }),
  ]
}
