import { accountOf } from '@hydraai/ledger'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AskNetwork, eventually, MODEL } from '../asking/testing/world.ts'
import type { HydraNode } from '../node.ts'
import { silentLogger } from '../ports.ts'
import { ApiServer } from './apiServer.ts'

const network = new AskNetwork({ founders: 2 })
const token = 'a-token-for-tests'
let asker: HydraNode
let server: ApiServer
let url: string

beforeAll(async () => {
  await network.node(0)
  asker = await network.node(1)
  server = new ApiServer({ port: 0, token }, { node: asker, logger: silentLogger })
  url = (await server.start()).url
  await eventually('means and a server', () => {
    const hasMeans = accountOf(asker.state, asker.address).balance > 1_000_000n
    return hasMeans && asker.asking.info()[0]!.servers > 0
  })
})
afterAll(async () => {
  await server.stop()
  await network.close()
})

const post = (body: unknown, headers: Record<string, string> = { Authorization: `Bearer ${token}` }) =>
  fetch(`${url}/api/ask`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })

describe('POST /api/ask', () => {
  it('answers with one event a line, down to the payment', async () => {
    const response = await post({ question: 'What is a key?', maxTokens: 5 })
    expect(response.headers.get('content-type')).toContain('application/x-ndjson')
    const text = await response.text()
    expect(text.endsWith('\n')).toBe(true)
    const events = text
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(events[0]).toMatchObject({ type: 'start', model: MODEL, version: 3, cost: '0.5', serverName: 'node0' })
    expect(events.at(-2)).toMatchObject({ type: 'end', tokens: 5, ended: 'length' })
    expect(events.at(-1)).toMatchObject({ type: 'paid' })
    const known = await (await fetch(`${url}/api/transactions/${events.at(-1).transaction}`)).json()
    expect(known).toMatchObject({ sender: asker.address, action: { type: 'query' } })
  })

  it('tells what is wrong as its last line, and a malformed request before the first', async () => {
    const wrong = (await (await post({ question: 'x', model: 'nothing' })).text()).trim()
    expect(JSON.parse(wrong)).toMatchObject({ type: 'error', code: 'MODEL_NOT_ASKABLE' })
    const malformed = [{}, { question: 7 }, { question: 'x', topK: -1 }, { question: 'x', unknown: 1 }]
    for (const body of malformed) expect((await post(body)).status, JSON.stringify(body)).toBe(400)
    expect((await post({ question: 'x'.repeat(40_000) })).status).toBe(413)
  })

  it('needs the token', async () => {
    expect((await post({ question: 'x' }, {})).status).toBe(401)
  })

  it('stops the answer of a client that goes away', async () => {
    const controller = new AbortController()
    const response = await fetch(`${url}/api/ask`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
      body: JSON.stringify({ question: 'What is a key?', maxTokens: 40, temperature: 3 }),
      signal: controller.signal,
    })
    await response.body!.getReader().read()
    controller.abort()
    // The one answer that an asker may have at a time is free again.
    await eventually('a later answer', async () => {
      const text = await (await post({ question: 'What is a key?', maxTokens: 2 })).text()
      return text.includes('"type":"end"')
    })
  })
})

describe('GET /api/ask/info', () => {
  it('names what can be asked, what it costs and how many answer', async () => {
    const { models } = await (await fetch(`${url}/api/ask/info`)).json()
    expect(models).toEqual([{ model: MODEL, version: 3, servers: 1, price: '0.5' }])
  })
})
