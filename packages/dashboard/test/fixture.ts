import { existsSync, readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { contents } from './answers.ts'
import { hashOf, type World } from './world.ts'

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
}

export interface Fixture {
  readonly url: string
  /** Sends one live message to every open page. */
  push(event: string, data: unknown): void
  /** Cuts every open stream and takes no new connection, as a stopped node does. */
  stop(): Promise<void>
}

/** Serves the built page and a {@link World} over the node's HTTP API, under the node's own content policy. */
export async function startFixture(dist: string, world: World, token: string, port = 0): Promise<Fixture> {
  const streams = new Set<ServerResponse>()
  const server = createServer((request, response) => {
    response.setHeader('Content-Security-Policy', world.policy)
    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    if (url.pathname === '/api/events') return openStream(streams, request, response)
    if (url.pathname === '/api/ask') return void ask(world, token, request, response)
    if (url.pathname.startsWith('/api/content/')) return content(world, url.pathname, response)
    if (request.method === 'POST') return void act(world, token, url, request, response)
    if (url.pathname.startsWith('/api/')) return answer(world, token, url, request, response)
    return serveFile(dist, url.pathname, response)
  })
  await new Promise<void>(ready => server.listen(port, '127.0.0.1', ready))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    push(event, data) {
      for (const stream of streams) stream.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
    },
    stop: () => stop(server, streams),
  }
}

function stop(server: Server, streams: Set<ServerResponse>): Promise<void> {
  for (const stream of streams) stream.destroy()
  return new Promise(closed => {
    server.close(() => closed())
    server.closeAllConnections()
  })
}

function openStream(streams: Set<ServerResponse>, request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
  response.write(': hello\n\n')
  streams.add(response)
  request.on('close', () => streams.delete(response))
}

function json(response: ServerResponse, body: unknown, code = 200): void {
  response.writeHead(code, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
}

const refuse = (response: ServerResponse, code: number, name: string, message: string, advice?: string) =>
  json(response, { error: { code: name, message, ...(advice === undefined ? {} : { advice }) } }, code)

const mayAct = (request: IncomingMessage, token: string) => request.headers.authorization === `Bearer ${token}`

function answer(world: World, token: string, url: URL, request: IncomingMessage, response: ServerResponse): void {
  const [, , what = '', id, more] = url.pathname.split('/').map(decodeURIComponent)
  if (what === 'wallet') {
    if (mayAct(request, token)) json(response, world.wallet())
    else refuse(response, 401, 'TOKEN_WRONG', 'The token is not this node’s.', 'Open the link that the node printed.')
    return
  }
  const found = read(world, url, what, id, more)
  if (found === null) refuse(response, 404, 'NOT_FOUND', 'There is no such thing.')
  else json(response, found)
}

function read(world: World, url: URL, what: string, id: string | undefined, more: string | undefined): unknown {
  switch (what) {
    case 'status':
      return world.status()
    case 'peers':
      return world.peers()
    case 'committee':
      return world.committee()
    case 'blocks':
      if (id === undefined)
        return world.blocks(Number(url.searchParams.get('before') ?? 1e9), Number(url.searchParams.get('limit') ?? 20))
      return Number(id) <= world.height ? world.blockDetail(Number(id)) : null
    case 'transactions':
      return world.transaction(id ?? '')
    case 'accounts':
      return world.account(id ?? '')
    case 'models':
      if (id === undefined) return { models: world.models() }
      if (more === 'updates') return updates(world, url)
      return more === 'samples' ? world.samples() : world.model(id)
    case 'ask':
      return id === 'info' ? { models: world.askable() } : null
    case 'training':
      return world.training()
    case 'log':
      return world.log()
    default:
      return null
  }
}

/** Only one of the models has any. */
function updates(world: World, url: URL): unknown {
  const [, , , model, , round, trainer, unit] = url.pathname.split('/').map(decodeURIComponent)
  if (model !== 'mnist-cnn') return { updates: [], before: null }
  if (trainer !== undefined) return world.update(Number(round), trainer, Number(unit))
  return world.updates(Number(url.searchParams.get('limit') ?? 20), url.searchParams.get('before'))
}

function content(world: World, path: string, response: ServerResponse): void {
  const blob = contents.get(path.split('/').at(-1) ?? '')
  if (blob === undefined || !world.holdsContent) refuse(response, 404, 'NOT_FOUND', 'There is no such content here.')
  else response.writeHead(200, { 'Content-Type': 'application/octet-stream' }).end(blob)
}

/** Streams what the world's server says, one event at a time, until whoever asked goes away. */
async function ask(world: World, token: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!mayAct(request, token)) return refuse(response, 401, 'TOKEN_WRONG', 'The token is not this node’s.')
  let body = ''
  for await (const chunk of request) body += chunk
  const question = JSON.parse(body)
  world.asked.push(question)
  response.writeHead(200, { 'Content-Type': 'application/x-ndjson' })
  for (const event of world.answerTo(question)) {
    if (response.destroyed) break
    response.write(`${JSON.stringify(event)}\n`)
    await new Promise(later => setTimeout(later, world.msPerToken))
  }
  if (response.destroyed) world.stopped += 1
  else response.end()
}

async function act(world: World, token: string, url: URL, request: IncomingMessage, response: ServerResponse) {
  if (!mayAct(request, token)) return refuse(response, 401, 'TOKEN_WRONG', 'The token is not this node’s.')
  let body = ''
  for await (const chunk of request) body += chunk
  if (url.pathname === '/api/node/pause') world.paused = true
  if (url.pathname === '/api/node/resume') world.paused = false
  if (url.pathname === '/api/node/only') world.only = JSON.parse(body).model
  if (url.pathname.startsWith('/api/node/')) return json(response, { paused: world.paused })
  const sent = JSON.parse(body)
  if (sent.to?.endsWith('bad')) {
    return refuse(
      response,
      400,
      'ADDRESS_INVALID',
      'The address has a typing error.',
      'Copy it again from the receiver.',
    )
  }
  world.sent.push(sent)
  return json(response, { transaction: hashOf('sent') })
}

function serveFile(dist: string, path: string, response: ServerResponse): void {
  const file = join(dist, normalize(path === '/' ? '/index.html' : path))
  if (!file.startsWith(dist) || !existsSync(file)) return void response.writeHead(404).end()
  response
    .writeHead(200, { 'Content-Type': types[extname(file)] ?? 'application/octet-stream' })
    .end(readFileSync(file))
}
