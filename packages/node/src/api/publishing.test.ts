import { request as httpRequest } from 'node:http'
import { contentIdOf, ZERO_HASH } from '@hydraai/core'
import { modelDocumentToBytes } from '@hydraai/engine'
import { accountOf } from '@hydraai/ledger'
import { encodeDataset, tinyTask } from '@hydraai/training'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HydraNode } from '../node.ts'
import { type Answer, eventually, type Served, TestNetwork, TOKEN } from './testing/world.ts'

const network = new TestNetwork({ validators: 2 })
const task = tinyTask()
const data = encodeDataset({ ...task.dataset, classNames: ['red', 'green', 'blue'] })
const document = Buffer.from(modelDocumentToBytes(task.document)).toString('base64')
const body = { id: 'mine', document, data: contentIdOf(data), tokenizer: null, recipe: task.recipe }
let nodes: HydraNode[]
let api: Served

beforeAll(async () => {
  nodes = [await network.node(0), await network.node(1)]
  api = await network.serve(nodes[0]!)
  const { address } = nodes[0]!
  await eventually('the first earnings', () => accountOf(nodes[0]!.state, address).balance > 3_000_000n)
})
afterAll(() => network.close())

function sendBytes(path: string, bytes: Uint8Array, headers: Record<string, string> = {}): Promise<Answer> {
  const all = { 'content-type': 'application/octet-stream', authorization: `Bearer ${TOKEN}`, ...headers }
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ host: '127.0.0.1', port: api.port, method: 'POST', path, headers: all }, response => {
      let text = ''
      response.on('data', chunk => {
        text += chunk
      })
      response.on('end', () => {
        const { statusCode: status = 0, headers } = response
        resolve({ status, headers, text, json: JSON.parse(text) })
      })
    })
    sent.on('error', reject)
    sent.end(bytes)
  })
}

describe('publishing a model', () => {
  it('is refused while this node does not store its data: nobody could fetch it', async () => {
    const answer = await api.post('/api/models', body)
    expect([answer.status, answer.json.error.code]).toEqual([400, 'CONTENT_MISSING'])
  })

  it('takes its data as bytes, from whoever has the token, and gives it out again', async () => {
    expect((await sendBytes('/api/content', data, { authorization: 'Bearer x' })).status).toBe(401)
    expect((await sendBytes('/api/content', new Uint8Array())).json.error.code).toBe('CONTENT_EMPTY')
    expect((await api.post('/api/content', { a: 1 })).status).toBe(415)
    expect((await sendBytes('/api/node/pause', data.subarray(0, 10))).status).toBe(415)
    const answer = await sendBytes('/api/content', data)
    expect([answer.status, answer.json]).toEqual([200, { hash: body.data }])
    const given = await fetch(`${api.url}/api/content/${body.data}`)
    expect(given.headers.get('content-type')).toBe('application/octet-stream')
    expect(Buffer.compare(new Uint8Array(await given.arrayBuffer()), data)).toBe(0)
    expect((await api.get(`/api/content/${'ab'.repeat(32)}`)).status).toBe(404)
    expect((await api.get('/api/content/..%2fx')).status).toBe(400)
  })

  it('is refused, before anything is paid, for a document, a recipe or a name that the chain would not take', async () => {
    const { recipe } = task
    const refused: [string, unknown][] = [
      ['MODEL_REFUSED', { ...body, document: Buffer.from('nonsense').toString('base64') }],
      ['MODEL_REFUSED', { ...body, document: Buffer.alloc(17_000).toString('base64') }],
      ['MODEL_REFUSED', { ...body, id: 'No' }],
      ['MODEL_EXISTS', { ...body, id: 'tiny' }],
      ['RECIPE_INVALID', { ...body, recipe: { ...recipe, batchSize: 0 } }],
      ['REQUEST_INVALID', { ...body, recipe: { ...recipe, batchSize: 'x' } }],
      ['CONTENT_MISSING', { ...body, tokenizer: 'ab'.repeat(32) }],
    ]
    for (const [code, wrong] of refused) {
      const answer = await api.post('/api/models', wrong)
      expect([answer.status, answer.json.error.code], JSON.stringify(wrong).slice(0, 60)).toEqual([400, code])
    }
  })

  it('brings it to every node, which fetches the data and founds it; then it is trained like any other', async () => {
    const answer = await api.post('/api/models', body)
    expect(answer.status, answer.text).toBe(200)
    await eventually('its founding', () => {
      const models = nodes.map(node => node.state.models.get('mine'))
      return models.every(model => model && model.parameters !== ZERO_HASH)
    })
    expect(await nodes[1]!.library.has(body.data)).toBe(true)
    await eventually('its second version', () => nodes.every(node => node.state.models.get('mine')!.version >= 1))
    await eventually('the other model', () => nodes.every(node => node.state.models.get('tiny')!.version >= 1))
  })

  it('shows whose it is, what kind it is, and every event with its name', async () => {
    const { models } = (await api.get('/api/models')).json
    expect(models.map((model: { id: string }) => model.id)).toEqual(['mine', 'tiny'])
    const [mine, tiny] = models
    const { address } = nodes[0]!
    expect(mine).toMatchObject({ owner: address, ownerName: 'node0', kind: 'images', tokenizer: null, lineage: null })
    expect(mine.registeredAt).toBeGreaterThan(0)
    expect(tiny).toMatchObject({ owner: null, ownerName: null, kind: 'images', registeredAt: 0 })
    const samples = (await api.get('/api/models/mine/samples')).json
    expect(samples).toMatchObject({ shape: [1, 4, 4], classNames: ['red', 'green', 'blue'] })
    expect(samples.samples.length).toBeGreaterThan(0)
    const block = (await api.get(`/api/blocks/${mine.registeredAt}`)).json
    const published = block.events.find((event: { type: string }) => event.type === 'publish')
    expect(published).toMatchObject({ model: 'mine', accountName: 'node0', text: 'node0 published the model mine' })
    const { history } = (await api.get('/api/models/mine')).json
    expect(history.slice(0, 2).map((point: { version: number }) => point.version)).toEqual([0, 1])
    const metrics = (await api.get('/metrics')).text
    for (const id of ['mine', 'tiny']) expect(metrics).toContain(`hydra_model_version{model="${id}"}`)
  })
})

describe('training one model only', () => {
  it('is a choice that the node keeps to, shows and remembers', async () => {
    expect((await api.post('/api/node/only', { model: 'nothing' })).json.error.code).toBe('MODEL_UNKNOWN')
    expect((await api.post('/api/node/only', { model: 'mine' })).json).toEqual({ only: 'mine' })
    expect((await api.get('/api/training')).json.only).toBe('mine')
    const { round } = (await api.get('/api/models/mine')).json
    const until = nodes[0]!.state.rounds.get('tiny')!.number
    await eventually('more rounds of it', () => nodes[0]!.state.rounds.get('mine')!.number > round + 2)
    const commits: { model: string; round: number }[] = []
    for (let height = 1; height <= nodes[0]!.chain.height; height++)
      for (const event of (await nodes[0]!.chain.blockAt(height))!.events)
        if (event.type === 'commit' && event.account === nodes[0]!.address) commits.push(event)
    expect(commits.filter(({ model, round }) => model === 'tiny' && round > until + 1)).toEqual([])
    expect((await api.post('/api/node/only', { model: null })).json).toEqual({ only: null })
  })
})
