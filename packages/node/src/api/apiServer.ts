import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import { HydraError } from '@hydraai/core'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { HydraNode } from '../node.ts'
import type { Logger } from '../ports.ts'
import { serveAsking } from './askStream.ts'
import { BlockReader } from './history/blocks.ts'
import { LedgerIndex } from './history/ledgerIndex.ts'
import { ApiError, answerOf, invalidRequest } from './http/errors.ts'
import { openApiOf } from './http/openapi.ts'
import { BYTES_TYPE, type Route } from './http/route.ts'
import { checkHost, SECURITY_HEADERS } from './http/security.ts'
import { LiveFeed } from './live/feed.ts'
import { MAX_STREAMS, StreamHub } from './live/hub.ts'
import { Metrics } from './metrics.ts'
import { apiRoutes, type RouteParts } from './routes/routes.ts'
import { hasToken } from './token.ts'
import { version } from './version.ts'
import { SampleReader } from './views/samples.ts'

const HOST = '127.0.0.1'
const MAX_BODY_BYTES = 4_096
const MAX_PARAMETER_CHARS = 128
const MAX_HEADER_BYTES = 8_192
const MAX_CONNECTIONS = 256
/** For all of a request: a dataset of 256 MiB takes some seconds, even on loopback. */
const REQUEST_TIMEOUT_MS = 60_000
const KEEP_ALIVE_MS = 5_000

export interface ApiOptions {
  /** 0 takes any free port. */
  readonly port: number
  /** Lets its holder spend, stake and pause: see loadOrCreateToken. */
  readonly token: string
  /** The node's name, in the title of the API's description. */
  readonly name?: string
  /** The built page; without one only the API is served. */
  readonly staticFolder?: string | undefined
}

/** The node's HTTP API and its page, on loopback only. */
export class ApiServer {
  readonly routes: readonly Route[]
  readonly index: LedgerIndex
  readonly #options: ApiOptions
  readonly #logger: Logger
  readonly #parts: RouteParts
  readonly #hub = new StreamHub()
  readonly #feed: LiveFeed
  readonly #metrics: Metrics
  readonly #app: FastifyInstance
  readonly #openApi: Record<string, unknown>
  #indexing: Promise<void> = Promise.resolve()

  constructor(options: ApiOptions, { node, logger }: { node: HydraNode; logger: Logger }) {
    this.#options = options
    this.#logger = logger
    const { chain, address, ports } = node
    const { storage, clock } = ports
    this.index = new LedgerIndex({ chain, db: storage.db, self: address, now: () => clock.now(), logger })
    this.#parts = { node, index: this.index, blocks: new BlockReader(chain), samples: new SampleReader(node) }
    this.routes = apiRoutes(this.#parts)
    this.#openApi = openApiOf(this.routes, { version, name: options.name ?? node.name })
    this.#metrics = new Metrics({ node, index: this.index, hub: this.#hub })
    this.#feed = new LiveFeed(this.#hub, this.#parts)
    this.#app = Fastify({
      bodyLimit: MAX_BODY_BYTES,
      connectionTimeout: 0,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      forceCloseConnections: true,
      routerOptions: { maxParamLength: MAX_PARAMETER_CHARS },
      exposeHeadRoutes: false,
      http: { maxHeaderSize: MAX_HEADER_BYTES },
      clientErrorHandler: (_error, socket) => refuseSocket(socket),
      frameworkErrors: (error, request, reply) => this.#refuse(error, request, reply),
    })
    this.#build()
  }

  /** Listens, and follows the chain from where its index stands. `url` has no slash at its end. @throws HydraError PORT_IN_USE, LISTEN_FAILED */
  async start(): Promise<{ port: number; url: string }> {
    const { port } = this.#options
    try {
      await this.#app.listen({ host: HOST, port })
    } catch (error) {
      await this.stop()
      throw listenError(error, port)
    }
    this.#app.server.maxConnections = MAX_CONNECTIONS
    this.#metrics.start()
    this.#indexing = this.index
      .start()
      .catch(error => this.#logger.warn('the index of the ledger stopped', { error: String(error) }))
    const address = this.#app.server.address()
    const bound = typeof address === 'object' && address ? address.port : port
    return { port: bound, url: `http://${HOST}:${bound}` }
  }

  /** Ends every stream and connection. Call it before the node stops: answers come from the node's storage. */
  async stop(): Promise<void> {
    this.#feed.stop()
    this.#hub.close()
    this.#metrics.stop()
    await this.#app.close()
    await this.index.stop()
    await this.#indexing
  }

  #build(): void {
    const app = this.#app
    // JSON is the only text that is understood.
    app.removeContentTypeParser('text/plain')
    app.addHook('onRequest', async (request, reply) => {
      reply.headers(SECURITY_HEADERS)
      checkHost(request.headers)
    })
    app.addHook('onResponse', async (_request, reply) => this.#metrics.countAnswer(reply.statusCode))
    app.setErrorHandler((error, request, reply) => this.#refuse(error, request, reply))
    app.setNotFoundHandler(request => this.#notFound(request))
    // Bytes are taken where a route says so; its own limit holds while they come in.
    app.addContentTypeParser(BYTES_TYPE, { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
    for (const route of this.routes) if (typeof route.answer !== 'string' || route.answersBytes) this.#serve(route)
    serveAsking(app, { node: this.#parts.node, checkToken: request => this.#checkToken(request) })
    app.get('/api/events', (_request, reply) => this.#stream(reply))
    app.get('/api/openapi.json', async (_request, reply) => {
      reply.header('Cache-Control', 'no-store')
      return this.#openApi
    })
    app.get('/metrics', async (_request, reply) => {
      const text = await this.#metrics.render()
      return reply.header('Cache-Control', 'no-store').type(this.#metrics.contentType).send(text)
    })
    this.#servePage()
  }

  #serve(route: Route): void {
    const { params, query, body } = route
    this.#app.route({
      method: route.method,
      url: route.path,
      bodyLimit: route.maxBodyBytes ?? MAX_BODY_BYTES,
      // Before the body is read: without the token nothing is taken in.
      onRequest: async request => {
        if (route.secret) this.#checkToken(request)
      },
      handler: async (request, reply) => {
        const input = {
          params: parsed(params, request.params, 'path'),
          query: parsed(query, request.query, 'query'),
          body: route.bodyType === 'bytes' ? bytesOf(request) : parsed(body, jsonOf(request), 'body'),
        }
        const answer = await route.handle(input as never)
        if (answer === undefined)
          throw new ApiError(404, 'NOT_FOUND', `There is nothing at ${request.url.slice(0, 200)}.`, {
            advice: 'It may not have reached this node yet.',
          })
        reply.header('Cache-Control', 'no-store')
        return route.answersBytes ? reply.type(BYTES_TYPE).send(Buffer.from(answer as Uint8Array)) : answer
      },
    })
  }

  #checkToken({ headers }: FastifyRequest): void {
    if (hasToken(headers.authorization, this.#options.token)) return
    throw new ApiError(401, 'TOKEN_WRONG', 'This needs the token of the node.', {
      advice: 'Open the link that the node printed at its start, or read the token from api-token in its data folder.',
    })
  }

  #stream(reply: FastifyReply): void {
    if (this.#hub.isFull)
      throw new ApiError(503, 'TOO_MANY_STREAMS', `${MAX_STREAMS} pages already listen to this node.`, {
        advice: 'Close one of them.',
      })
    reply.hijack()
    reply.raw.writeHead(200, {
      ...SECURITY_HEADERS,
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      'X-Accel-Buffering': 'no',
    })
    this.#hub.add(reply.raw)
  }

  #servePage(): void {
    const { staticFolder } = this.#options
    if (staticFolder !== undefined && existsSync(join(staticFolder, 'index.html'))) {
      this.#app.register(fastifyStatic, { root: staticFolder, index: 'index.html', dotfiles: 'ignore' })
      return
    }
    this.#app.get('/', async () => {
      throw new ApiError(404, 'PAGE_NOT_BUILT', 'The page was not built; the API is at /api/openapi.json.', {
        advice: 'Run `npm run build`, then start the node again.',
      })
    })
  }

  #notFound({ url, method }: FastifyRequest): never {
    const path = url.split('?', 1)[0]!
    const methods = this.routes.filter(route => patternOf(route).test(path)).map(route => route.method)
    if (methods.length > 0)
      throw new ApiError(405, 'METHOD_WRONG', `${path.slice(0, 200)} takes ${methods.join(', ')}, not ${method}.`)
    throw new ApiError(404, 'NOT_FOUND', `There is no ${path.slice(0, 200)} here.`, {
      advice: 'GET /api/openapi.json lists everything there is.',
    })
  }

  #refuse(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const { status, body } = answerOf(error)
    if (status >= 500) this.#logger.warn('the API failed', { url: request.url.slice(0, 200), error: String(error) })
    reply.headers(SECURITY_HEADERS)
    if (status === 401) reply.header('WWW-Authenticate', 'Bearer')
    if (status === 503) reply.header('Retry-After', '10')
    reply.status(status).header('Cache-Control', 'no-store').send(body)
  }
}

function jsonOf({ body }: FastifyRequest): unknown {
  if (Buffer.isBuffer(body)) throw new ApiError(415, 'TYPE_REFUSED', 'The body has to be JSON.')
  return body ?? {}
}

function bytesOf({ body }: FastifyRequest): Uint8Array {
  if (Buffer.isBuffer(body)) return body
  throw new ApiError(415, 'TYPE_REFUSED', `The body has to be ${BYTES_TYPE}.`)
}

function parsed(shape: Route['body'], value: unknown, where: string): unknown {
  if (!shape) return undefined
  const result = shape.safeParse(value)
  if (!result.success) throw invalidRequest(where, result.error)
  return result.data
}

function patternOf({ path }: Route): RegExp {
  return new RegExp(`^${path.replace(/\./g, '\\.').replace(/:\w+/g, '[^/]+')}$`)
}

/** What is no HTTP at all, or too large a head. */
function refuseSocket(socket: { writable: boolean; end(text: string): unknown; destroy(): unknown }): void {
  const body = JSON.stringify({ error: { code: 'REQUEST_INVALID', message: 'This is no HTTP request.' } })
  const head = `HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`
  if (socket.writable) socket.end(`${head}\r\nConnection: close\r\n\r\n${body}`)
  else socket.destroy()
}

function listenError(error: unknown, port: number): HydraError {
  const code = (error as NodeJS.ErrnoException | null)?.code
  if (code === 'EADDRINUSE')
    return new HydraError('PORT_IN_USE', `Port ${port} of this computer is in use by another program.`, {
      advice: 'Is the node running already? Otherwise choose another port for the API, or 0 for any.',
      cause: error,
    })
  return new HydraError('LISTEN_FAILED', `The API cannot listen on port ${port} (${code ?? String(error)}).`, {
    advice: 'Choose another port above 1023, or 0 for any.',
    cause: error,
  })
}
