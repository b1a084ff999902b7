import { createConnection, type Socket } from 'node:net'
import { u32be } from '@hydraai/core'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { type GossipSub, gossipsub, StrictNoSign } from '@libp2p/gossipsub'
import type { Libp2p, Stream } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { afterEach, expect, test } from 'vitest'
import { DEFAULT_LIMITS } from '../limits.ts'
import type { Network } from '../network.ts'
import { createStack } from './stack.ts'
import { sleep, testNode, until } from './testNodes.ts'

const LIMITS = { maxRequestBytes: 100, maxResponseBytes: 100 }
const ECHO = '/hydra/test/echo/1'
const cleanUp: (() => unknown)[] = []

afterEach(async () => {
  for (const end of cleanUp.splice(0).reverse()) await end()
})

async function victim(limits = {}): Promise<Network> {
  const node = testNode({ limits: { targetPeers: 0, readTimeoutMs: 150, ...limits } })
  node.handle('echo/1', LIMITS, async request => request)
  node.subscribe('topic', { maxBytes: 100 }, () => 'accept')
  await node.start()
  cleanUp.push(() => node.stop())
  return node
}

/** A bare libp2p node that is connected to the victim and keeps no rule but libp2p's own. */
async function attacker(node: Network): Promise<{ libp2p: Libp2p; open: (protocol: string) => Promise<Stream> }> {
  const options = {
    seed: new Uint8Array(32),
    listen: [],
    bootstrap: [],
    localNetwork: true,
    protocolPrefix: '/hydra/test',
  }
  const pubsub = gossipsub({ globalSignaturePolicy: StrictNoSign, allowPublishToZeroTopicPeers: true })
  const libp2p = await createStack(options, DEFAULT_LIMITS, await generateKeyPair('Ed25519'), {}, pubsub)
  await libp2p.start()
  cleanUp.push(() => libp2p.stop())
  const connection = await libp2p.dial(multiaddr(node.addresses()[0]!))
  return { libp2p, open: protocol => connection.newStream(protocol) }
}

/** That an honest peer, new or known, is still served. */
async function expectAlive(node: Network): Promise<void> {
  const friend = testNode({ limits: { targetPeers: 0 } })
  await friend.start()
  cleanUp.push(() => friend.stop())
  await friend.dial(node.addresses()[0]!)
  const answer = await friend.request(node.peerId, 'echo/1', Uint8Array.of(1, 2, 3), {
    timeoutMs: 5000,
    maxResponseBytes: 100,
  })
  expect([...answer]).toEqual([1, 2, 3])
}

test('random bytes on every protocol are turned away, and the node lives on', async () => {
  const node = await victim()
  const { libp2p, open } = await attacker(node)
  const [peerId] = libp2p.getPeers()
  await until(() => libp2p.getProtocols().length > 0)
  let protocols: string[] = []
  for (let i = 0; i < 100 && !protocols.includes(ECHO); i++) {
    protocols = (await libp2p.peerStore.get(peerId!)).protocols
    await sleep(20)
  }
  expect(protocols).toEqual(
    expect.arrayContaining([ECHO, '/hydra/test/kad/1.0.0', '/hydra/id/1.0.0', '/meshsub/1.2.0']),
  )
  for (const protocol of protocols) {
    for (const size of [1, 37, 5000]) {
      const stream = await open(protocol)
      const bytes = crypto.getRandomValues(new Uint8Array(size))
      // A small announced length, so that the reader waits for what never comes or gets too much.
      if (size === 37) bytes.set([0, 0, 0, 5])
      // Some protocols hang up before anything was said.
      if (stream.writeStatus === 'writable') stream.send(bytes)
      await sleep(5)
      if (protocol !== ECHO) stream.abort(new Error('enough'))
    }
  }
  await until(() => {
    const { malformed, oversized, silent } = node.counters().refused
    return malformed >= 1 && oversized >= 1 && silent >= 1
  })
  await expectAlive(node)
})

test('an announced length over the limit is refused before the bytes come', async () => {
  const node = await victim()
  const { open } = await attacker(node)
  const stream = await open(ECHO)
  const answer: number[] = []
  stream.addEventListener('message', event => answer.push(...event.data.subarray()))
  stream.send(u32be(0xffffffff))
  await until(() => answer.length > 4)
  expect(new TextDecoder().decode(Uint8Array.from(answer.slice(5)))).toBe('TOO_LARGE')
  expect(node.counters()).toMatchObject({
    refused: { oversized: 1 },
    protocols: { 'echo/1': { refused: 1, served: 0 } },
  })
  await expectAlive(node)
})

test('streams that stay silent, or stop half-way, are ended and block nobody', async () => {
  const node = await victim({ maxConcurrentPerPeer: 4 })
  const { open } = await attacker(node)
  const streams: Stream[] = []
  for (let i = 0; i < 4; i++) {
    const stream = await open(ECHO)
    if (i % 2 === 0) stream.send(u32be(50))
    streams.push(stream)
  }
  await expectAlive(node)
  await until(() => node.counters().refused.silent === 4)
  await until(() => streams.every(stream => stream.status !== 'open'))
})

test('a peer that goes on misbehaving is disconnected and not let in again', async () => {
  const node = await victim()
  const { libp2p, open } = await attacker(node)
  for (let i = 0; i < 40 && libp2p.getPeers().length > 0; i++) {
    await open(ECHO).then(
      stream => stream.send(u32be(0xffffffff)),
      () => {},
    )
    await sleep(5)
  }
  await until(() => node.peers().length === 0)
  await libp2p.dial(multiaddr(node.addresses()[0]!)).catch(() => {})
  await sleep(100)
  expect(node.peers()).toEqual([])
  expect(node.counters().refused.connection).toBeGreaterThan(0)
  await expectAlive(node)
})

test('sockets that are silent, or talk nonsense, keep nobody out', async () => {
  const node = await victim()
  const port = Number(/\/tcp\/(\d+)/.exec(node.addresses()[0]!)![1])
  const sockets: Socket[] = []
  for (let i = 0; i < 30; i++) {
    const socket = createConnection(port, '127.0.0.1')
    socket.on('error', () => {})
    if (i % 2 === 0) socket.write(crypto.getRandomValues(new Uint8Array(1000)))
    sockets.push(socket)
  }
  cleanUp.push(() => sockets.forEach(socket => void socket.destroy()))
  await expectAlive(node)
})

test('gossip over the limit is heard by nobody, counted, and in the end costs the connection', async () => {
  const node = await victim()
  const { libp2p } = await attacker(node)
  const { pubsub } = libp2p.services as unknown as { pubsub: GossipSub }
  const topic = '/hydra/test/topic'
  await until(() => pubsub.getSubscribers(topic).length === 1)
  await pubsub.publish(topic, Uint8Array.of(1))
  await until(() => node.counters().topics.topic?.accepted === 1)
  for (let i = 0; i < 30 && node.peers().length > 0; i++) {
    await pubsub.publish(topic, new Uint8Array(101 + i)).catch(() => {})
    await sleep(5)
  }
  await until(() => node.peers().length === 0)
  const { accepted, rejected, oversized } = node.counters().topics.topic!
  expect([accepted, rejected]).toEqual([1, oversized])
  expect(oversized).toBeGreaterThan(10)
  await expectAlive(node)
})

test('a server that breaks a stream off, garbles it or never begins is told from one that ends it', async () => {
  const node = testNode({ limits: { targetPeers: 0 } })
  await node.start()
  cleanUp.push(() => node.stop())
  const { libp2p } = await attacker(node)
  const sends: Record<string, (stream: Stream) => unknown> = {
    'cut/1': stream => stream.send(Uint8Array.of(0, 0, 0, 2, 0, 7)) && stream.close(),
    'half/1': stream => stream.send(Uint8Array.of(0, 0, 0, 9, 0, 7)) && stream.close(),
    'garbled/1': stream => stream.send(Uint8Array.of(0, 0, 0, 2, 99, 7)),
    'vast/1': stream => stream.send(u32be(0xfffffff)),
    'mute/1': () => {},
    'late/1': stream => stream.send(Uint8Array.of(0, 0, 0, 1, 3, 0, 0, 0, 2, 0, 7)),
  }
  for (const [name, send] of Object.entries(sends))
    await libp2p.handle(`/hydra/test/${name}`, async stream => void send(stream))
  const ask = async (name: string) => {
    const options = { timeoutMs: 3_000, idleMs: 200, maxFrameBytes: 100, maxTotalBytes: 1_000 }
    const read: number[] = []
    try {
      for await (const frame of node.requestStream(libp2p.peerId.toString(), name, new Uint8Array(), options))
        read.push(...frame)
      return [read, 'none']
    } catch (error) {
      return [read, (error as { code: string }).code]
    }
  }
  await until(() => node.peers().length === 1)
  expect(await ask('cut/1')).toEqual([[7], 'CONNECTION_LOST'])
  expect(await ask('half/1')).toEqual([[], 'CONNECTION_LOST'])
  expect(await ask('garbled/1')).toEqual([[], 'REQUEST_FAILED'])
  expect(await ask('vast/1')).toEqual([[], 'REQUEST_FAILED'])
  expect(await ask('mute/1')).toEqual([[], 'REQUEST_TIMEOUT'])
  // What follows the end is not read.
  expect(await ask('late/1')).toEqual([[], 'none'])
})
