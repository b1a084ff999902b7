import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { HydraNode } from '../node.ts'
import { invalidRequest } from './http/errors.ts'
import { SECURITY_HEADERS } from './http/security.ts'
import { ASK_PATH, askShape } from './routes/askRoutes.ts'

/** A question of the longest, every character of it escaped. */
const MAX_BODY_BYTES = 32_768

/** Serves questions: one JSON object a line, each as soon as it is there. A client that goes away stops the answer. */
export function serveAsking(
  app: FastifyInstance,
  { node, checkToken }: { node: HydraNode; checkToken: (request: FastifyRequest) => void },
): void {
  app.route({
    method: 'POST',
    url: ASK_PATH,
    bodyLimit: MAX_BODY_BYTES,
    onRequest: async request => checkToken(request),
    handler: async (request, reply) => {
      const question = askShape.safeParse(request.body ?? {})
      if (!question.success) throw invalidRequest('body', question.error)
      reply.hijack()
      const { raw } = reply
      raw.writeHead(200, {
        ...SECURITY_HEADERS,
        'Content-Type': 'application/x-ndjson; charset=utf-8',
        'Cache-Control': 'no-store',
        'X-Accel-Buffering': 'no',
      })
      const gone = new AbortController()
      raw.once('close', () => gone.abort())
      for await (const event of node.asking.ask(question.data, gone.signal)) await writeLine(raw, event, gone.signal)
      raw.end()
    },
  })
}

/** No faster than the client takes it. */
async function writeLine(raw: ServerResponse, value: unknown, gone: AbortSignal): Promise<void> {
  if (gone.aborted || raw.write(`${JSON.stringify(value)}\n`)) return
  await once(raw, 'drain', { signal: gone }).catch(() => {})
}
