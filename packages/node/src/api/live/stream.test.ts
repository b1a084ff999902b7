import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { HydraNode } from '../../node.ts'
import * as shapes from '../http/schemas.ts'
import { eventually, type Served, TestNetwork } from '../testing/world.ts'
import { LIVE_EVENTS, MAX_STREAMS } from './hub.ts'

const network = new TestNetwork()
let node: HydraNode
let api: Served
const open: Stream[] = []

beforeAll(async () => {
  node = await network.node(0)
  api = await network.serve(node)
})
afterEach(() => {
  for (const stream of open.splice(0)) stream.close()
})
afterAll(() => network.close())

interface Message {
  readonly event: string
  // biome-ignore lint/suspicious/noExplicitAny: checked against its schema by the tests
  readonly data: any
}

/** One reader of /api/events. */
class Stream {
  readonly messages: Message[] = []
  readonly response: IncomingMessage
  readonly #request: ClientRequest
  ended = false
  #rest = ''

  constructor(sent: ClientRequest, response: IncomingMessage) {
    this.#request = sent
    this.response = response
    const end = () => {
      this.ended = true
    }
    response.on('end', end).on('close', end).on('error', end)
    open.push(this)
  }

  read(): this {
    this.response.setEncoding('utf8').on('data', text => this.#take(text))
    return this
  }

  of(event: string): Message[] {
    return this.messages.filter(message => message.event === event)
  }

  close(): void {
    this.#request.destroy()
  }

  #take(text: string): void {
    const parts = (this.#rest + text).split('\n\n')
    this.#rest = parts.pop()!
    for (const part of parts) {
      const found = /^event: (\w+)\ndata: (.*)$/.exec(part)
      if (found) this.messages.push({ event: found[1]!, data: JSON.parse(found[2]!) })
    }
  }
}

function connect(): Promise<Stream> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: api.port, path: '/api/events' }, response => {
      if (response.statusCode === 200) return resolve(new Stream(sent, response))
      response.resume()
      reject(new Error(String(response.statusCode)))
    })
    sent.on('error', reject)
    sent.end()
  })
}

describe('the event stream', () => {
  it('brings blocks, models, training, status and log, each in the shape of its GET', async () => {
    const stream = (await connect()).read()
    expect(stream.response.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'content-security-policy': expect.stringContaining("default-src 'self'"),
      'x-content-type-options': 'nosniff',
    })
    const expected = ['block', 'status', 'training', 'log', 'model']
    await eventually('every kind of event', () => expected.every(event => stream.of(event).length > 0))
    const shapeOf: Record<string, { parse(data: unknown): unknown }> = {
      block: shapes.blockRow,
      status: shapes.status,
      training: shapes.training,
      log: shapes.logEntry,
      model: shapes.modelRow,
      peers: shapes.peers,
    }
    for (const { event, data } of stream.messages) {
      expect(LIVE_EVENTS).toContain(event)
      expect(() => shapeOf[event]!.parse(data), event).not.toThrow()
    }
  })

  it('leaves out no block and repeats none', async () => {
    const stream = (await connect()).read()
    await eventually('ten blocks', () => stream.of('block').length >= 10)
    const blocks = stream.of('block')
    const heights = blocks.map(({ data }) => data.height)
    expect(heights).toEqual(heights.map((_, i) => heights[0] + i))
    const stored = (await api.get(`/api/blocks?limit=1&before=${heights[0] + 1}`)).json.blocks[0]
    expect(blocks[0]!.data).toEqual(stored)
  })

  it('brings a peer that connects', async () => {
    const stream = (await connect()).read()
    const other = await network.node(5, { trains: false })
    const seen = await eventually('the peer', () =>
      stream.of('peers').find(({ data }) => data.peers[0]?.name === 'node5'),
    )
    expect(seen.data.peers[0]).toMatchObject({ account: other.address, peerId: other.ports.network.peerId })
    await other.stop()
  })

  it('sends training a few times a second at most, however fast the steps are', async () => {
    const stream = (await connect()).read()
    await eventually('the stream', () => stream.of('training').length > 0)
    const before = stream.of('training').length
    const since = performance.now()
    for (let step = 0; step < 500; step++) node.activity.setVerifying(node.activity.verifying)
    await new Promise(resolve => setTimeout(resolve, 300))
    const allowed = Math.ceil((performance.now() - since) / 250) + 1
    expect(stream.of('training').length - before).toBeLessThanOrEqual(allowed)
  })

  it('takes a bounded number of readers, and a new one when one has left', async () => {
    for (let i = 0; i < MAX_STREAMS; i++) await connect()
    const refused = await api.get('/api/events')
    expect(refused.status).toBe(503)
    expect(refused.json.error.code).toBe('TOO_MANY_STREAMS')
    open.pop()!.close()
    const next = await eventually('room', () => connect().catch(() => null))
    expect(next.response.statusCode).toBe(200)
  })

  it('ends with the server, which closes while readers and idle connections are there', async () => {
    const second = await network.serve(node)
    const before = api
    api = second
    const stream = (await connect()).read()
    api = before
    await second.server.stop()
    await eventually('the end', () => stream.ended)
    await expect(second.get('/api/status')).rejects.toThrow()
  })
})
