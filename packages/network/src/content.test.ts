import {
  CHUNK_BYTES,
  type ContentChunk,
  CounterRandom,
  chunkCountOf,
  contentIdOf,
  type Hash,
  hashOf,
  proveChunk,
  utf8,
} from '@hydraai/core'
import { describe, expect, test } from 'vitest'
import { fetchContent, serveContent } from './content.ts'
import type { Network } from './network.ts'
import { SimulatedSwitch, type SwitchConditions } from './simulated/simulatedSwitch.ts'
import { VirtualClock } from './simulated/virtualClock.ts'

/** Bytes that differ from chunk to chunk. */
function blobOf(size: number): Uint8Array {
  const random = new CounterRandom(hashOf(utf8(`blob ${size}`)))
  return new Uint8Array(size).map((_, i) => (i % 997 === 0 ? random.uint32() : i))
}

/** A fetching node and servers, each of which answers requests as its maker says. */
async function world(serve: ((node: Network) => void)[], conditions: Partial<SwitchConditions> = {}) {
  const clock = new VirtualClock()
  const random = new CounterRandom(hashOf(utf8('content')))
  const wires = new SimulatedSwitch({ clock, random, conditions })
  const client = wires.network('client')
  const servers = serve.map((setUp, i) => {
    const node = wires.network(`server-${i}`)
    setUp(node)
    return node
  })
  for (const node of [client, ...servers]) await node.start()
  await clock.advance(100)
  const fetch = async (
    id: Hash,
    options: { maxBytes?: number; onProgress?: (done: number, total: number) => void; signal?: AbortSignal } = {},
  ) => {
    const peers = () => servers.map(node => node.peerId)
    const result = fetchContent(client, id, { peers, maxBytes: 10_000_000, timeoutMs: 1_000, ...options })
    let done = false
    const finish = () => {
      done = true
    }
    result.then(finish, finish)
    while (!done && (await clock.step()));
    return await result
  }
  const served = (i: number) => servers[i]!.counters().protocols['content/1']?.served ?? 0
  return { clock, wires, client, servers, fetch, served }
}

/** All chunks of a blob with their proofs, made once: a proof takes hashing the whole blob. */
function chunksOf(blob: Uint8Array): ContentChunk[] {
  return Array.from({ length: chunkCountOf(blob.length) }, (_, index) => proveChunk(blob, index))
}

const honest = (...blobs: Uint8Array[]) => {
  const known = new Map(blobs.map(blob => [contentIdOf(blob), chunksOf(blob)]))
  return (node: Network) => serveContent(node, { chunk: async (id, index) => known.get(id)?.[index] })
}

const limits = { maxRequestBytes: 36, maxResponseBytes: CHUNK_BYTES + 4096 }
const liar = (blob: Uint8Array) => (node: Network) =>
  serveContent(node, {
    async chunk(_, index) {
      const chunk = proveChunk(blob, index)
      return { ...chunk, bytes: chunk.bytes.map((byte, i) => (i === 0 ? byte ^ 1 : byte)) }
    },
  })
const silent = (node: Network) => node.handle('content/1', limits, () => new Promise(() => {}))
const babbler = (node: Network) => node.handle('content/1', limits, async () => utf8('not a chunk at all'))

describe('content by its id', () => {
  test.each([0, 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES + 5])('%i bytes arrive whole', async size => {
    const blob = blobOf(size)
    const { fetch } = await world([honest(blob)])
    expect(await fetch(contentIdOf(blob))).toEqual(blob)
  })

  test('several peers share the work, and progress is told chunk by chunk', async () => {
    const blob = blobOf(6 * CHUNK_BYTES)
    const { fetch, served } = await world(Array(3).fill(honest(blob)))
    const progress: number[] = []
    await fetch(contentIdOf(blob), { onProgress: done => progress.push(done) })
    expect(progress).toEqual([1, 2, 3, 4, 5, 6])
    for (const i of [0, 1, 2]) expect(served(i)).toBeGreaterThan(1)
  })

  test.each([
    ['lies', (blob: Uint8Array) => liar(blob)],
    ['talks nonsense', () => babbler],
    ['never answers', () => silent],
    ['has nothing', () => honest()],
    ['speaks no such protocol', () => () => {}],
  ])('a peer that %s is dropped and the others go on', async (_, bad) => {
    const blob = blobOf(4 * CHUNK_BYTES)
    const { fetch, client } = await world([bad(blob), honest(blob)])
    expect(await fetch(contentIdOf(blob))).toEqual(blob)
    // It was not asked again and again: at most the two requests that run at once, and one more try.
    expect(client.counters().protocols['content/1']!.failed).toBeLessThanOrEqual(3)
  })

  test('wires that fail now and then do not stop it', async () => {
    const blob = blobOf(8 * CHUNK_BYTES)
    const { fetch } = await world(Array(4).fill(honest(blob)), { requestFailure: 0.2 })
    expect(await fetch(contentIdOf(blob))).toEqual(blob)
  })

  test('a peer that crashes half-way leaves its chunks to the others', async () => {
    const blob = blobOf(6 * CHUNK_BYTES)
    const { fetch, wires, served } = await world(Array(2).fill(honest(blob)))
    const onProgress = (done: number) => {
      if (done === 2) wires.crash('server-0')
    }
    expect(await fetch(contentIdOf(blob), { onProgress })).toEqual(blob)
    expect(served(1)).toBeGreaterThan(2)
  })

  test('when nobody has it, or only liars, it ends with an error', async () => {
    const blob = blobOf(3 * CHUNK_BYTES)
    const none = await world([])
    await expect(none.fetch(contentIdOf(blob))).rejects.toMatchObject({ code: 'CONTENT_UNAVAILABLE' })
    const bad = await world([honest(), liar(blob), silent, babbler])
    await expect(bad.fetch(contentIdOf(blob))).rejects.toMatchObject({ code: 'CONTENT_UNAVAILABLE' })
  })

  test('content that is too large is refused before it is fetched', async () => {
    const blob = blobOf(3 * CHUNK_BYTES)
    const { fetch, served } = await world([honest(blob)])
    await expect(fetch(contentIdOf(blob), { maxBytes: blob.length - 1 })).rejects.toMatchObject({
      code: 'CONTENT_TOO_LARGE',
    })
    expect(served(0)).toBe(1)
  })

  test('it can be given up, before and half-way', async () => {
    const blob = blobOf(3 * CHUNK_BYTES)
    const { fetch } = await world([honest(blob)])
    await expect(fetch(contentIdOf(blob), { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'REQUEST_ABORTED',
    })
    const controller = new AbortController()
    const onProgress = () => controller.abort()
    await expect(fetch(contentIdOf(blob), { onProgress, signal: controller.signal })).rejects.toMatchObject({
      code: 'REQUEST_ABORTED',
    })
  })

  test('a request that is no request is refused', async () => {
    const { client, clock, servers } = await world([honest(blobOf(5))])
    const options = { timeoutMs: 1000, maxResponseBytes: 10 }
    const outcome = client.request('server-0', 'content/1', new Uint8Array(35), options).catch(error => error)
    await clock.advance(100)
    expect(await outcome).toMatchObject({ code: 'REQUEST_FAILED', details: { remoteCode: 'CONTENT_INVALID' } })
    expect(servers[0]!.counters().refused.handlerFailed).toBe(1)
  })
})
