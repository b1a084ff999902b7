import { CHUNK_BYTES, contentIdOf, proveChunk } from '@hydraai/core'
import { afterEach, expect, test } from 'vitest'
import { fetchContent, serveContent } from '../content.ts'
import type { Network } from '../network.ts'
import { testNode, until } from './testNodes.ts'

let nodes: Network[] = []

afterEach(async () => {
  await Promise.all(nodes.map(node => node.stop()))
  nodes = []
})

async function started(options: Parameters<typeof testNode>[0] = {}): Promise<Network> {
  const node = testNode(options)
  nodes.push(node)
  await node.start()
  return node
}

test('nodes that know only one find all the others through it', async () => {
  const first = await started()
  for (let i = 0; i < 3; i++) await started({ bootstrap: first.addresses() })
  await until(() => nodes.every(node => node.peers().length === 3))
})

test('a node joins as soon as its bootstrap peer comes up, and again after that one restarts', async () => {
  const probe = await started()
  const listen = [probe.addresses()[0]!.replace(/\/p2p\/.*/, '')]
  await probe.stop()
  const node = await started({ bootstrap: listen })
  expect(node.peers()).toEqual([])
  const first = await started({ listen })
  await until(() => node.peers()[0]?.peerId === first.peerId)
  await first.stop()
  await until(() => node.peers().length === 0)
  const second = await started({ listen })
  await until(() => node.peers()[0]?.peerId === second.peerId)
})

test('nodes of different chains connect, and share what is common to all chains and nothing else', async () => {
  const limits = { maxRequestBytes: 10, maxResponseBytes: 10 }
  const a = testNode({ protocolPrefix: '/hydra/one' })
  const b = testNode({ protocolPrefix: '/hydra/two' })
  for (const node of [a, b]) {
    node.handle('/hydra/genesis/1', limits, async () => Uint8Array.of(1))
    node.handle('own/1', limits, async () => Uint8Array.of(2))
    nodes.push(node)
    await node.start()
  }
  await a.dial(b.addresses()[0]!)
  const options = { timeoutMs: 5000, maxResponseBytes: 10 }
  expect([...(await a.request(b.peerId, '/hydra/genesis/1', new Uint8Array(), options))]).toEqual([1])
  await expect(a.request(b.peerId, 'own/1', new Uint8Array(), options)).rejects.toMatchObject({
    code: 'PROTOCOL_UNSUPPORTED',
  })
})

test('a WebSocket listener is one more way in', async () => {
  const a = await started({ listen: ['/ip4/127.0.0.1/tcp/0/ws'] })
  const b = await started()
  expect(await b.dial(a.addresses()[0]!)).toBe(a.peerId)
})

test('the peer id belongs to the seed', () => {
  const seed = new Uint8Array(32).fill(7)
  expect(testNode({ seed }).peerId).toBe(testNode({ seed }).peerId)
  expect(testNode({ seed }).peerId).not.toBe(testNode().peerId)
})

test('a port in use is an error that says so and what to do', async () => {
  const first = await started()
  const listen = [first.addresses()[0]!.replace(/\/p2p\/.*/, '')]
  const port = /tcp\/(\d+)/.exec(listen[0]!)![1]
  await expect(started({ listen })).rejects.toMatchObject({
    code: 'PORT_IN_USE',
    message: `port ${port} is used by another program`,
    advice: expect.stringContaining('--port'),
  })
})

test('an address that is none is an error at once', () => {
  for (const options of [
    { listen: ['7777'] },
    { bootstrap: ['example.org'] },
    { announce: ['/ip4/999.1.1.1/tcp/1'] },
  ]) {
    expect(() => testNode(options)).toThrow(expect.objectContaining({ code: 'ADDRESS_INVALID' }))
  }
})

test('megabytes of content come whole from two peers at once over real sockets', async () => {
  const blob = new Uint8Array(6 * CHUNK_BYTES + 77).map((_, i) => (i * 2654435761) >>> 13)
  const [a, b, c] = [await started(), await started(), await started()]
  for (const node of [a, b]) {
    serveContent(node, { chunk: async (_, index) => proveChunk(blob, index) })
    await c.dial(node.addresses()[0]!)
  }
  const peers = () => c.peers().map(peer => peer.peerId)
  const fetched = await fetchContent(c, contentIdOf(blob), { peers, maxBytes: blob.length, timeoutMs: 10_000 })
  expect(Buffer.compare(fetched, blob)).toBe(0)
  for (const node of [a, b]) expect(node.counters().protocols['content/1']!.served).toBeGreaterThan(1)
})
