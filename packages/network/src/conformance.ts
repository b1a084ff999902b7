import { HydraError, utf8 } from '@hydraai/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Network, PeerChange, Validation } from './network.ts'

/** One small world for the suite. Time passes only through it, so that virtual and real time look alike. */
export interface ConformanceWorld {
  /** A node that is not started, knows nobody, and finds nobody by itself. */
  create(): Network
  /** Lets time pass until the condition holds, for a bounded time. */
  until(condition: () => boolean): Promise<void>
  /** Lets time pass until the promise settles. */
  settle<T>(promise: Promise<T>): Promise<T>
  /** Lets enough time pass for anything that is on its way to arrive. */
  quiet(): Promise<void>
  /** Whether a stopped network left sockets or servers behind. */
  leftovers(): Promise<string[]>
}

/** Requests of one peer that are served at once in these worlds; more are refused as busy. */
export const CONFORMANCE_LIMITS = { maxConcurrentPerPeer: 4, maxStreamsPerPeer: 2 }

const LIMITS = { maxRequestBytes: 1000, maxResponseBytes: 1000 }
const STREAM = { maxRequestBytes: 1000, maxFrameBytes: 100, maxTotalBytes: 10_000 }
const STREAM_OPTIONS = { timeoutMs: 5_000, idleMs: 2_000, maxFrameBytes: 100, maxTotalBytes: 10_000 }
const OPTIONS = { timeoutMs: 5_000, maxResponseBytes: 1000 }

/** What every implementation of {@link Network} promises. */
export function networkConformance(name: string, makeWorld: () => ConformanceWorld): void {
  describe(name, () => {
    let world: ConformanceWorld
    let nodes: Network[] = []

    beforeEach(() => {
      world = makeWorld()
      nodes = []
    })
    afterEach(async () => {
      for (const node of nodes) await world.settle(node.stop())
    })

    /** So many nodes, set up and started, each connected to all others. */
    async function connected(count: number, setUp: (node: Network, i: number) => void = () => {}): Promise<Network[]> {
      for (let i = 0; i < count; i++) {
        const node = world.create()
        setUp(node, i)
        await world.settle(node.start())
        for (const other of nodes) await world.settle(node.dial(other.addresses()[0]!))
        nodes.push(node)
      }
      await world.until(() => nodes.every(node => node.peers().length === count - 1))
      return nodes
    }

    /** Nodes that write down what they hear on `topic`, and answer `judge`. */
    function listeners(judge: (i: number, text: string) => Validation | Promise<Validation> = () => 'accept') {
      const heard: string[][] = []
      const setUp = (node: Network, i: number) => {
        heard[i] = []
        node.subscribe('topic', { maxBytes: 1000 }, data => {
          const text = new TextDecoder().decode(data)
          heard[i]!.push(text)
          return judge(i, text)
        })
      }
      return { heard, setUp }
    }

    /** The code of the error the promise ends with, or `none`; time is not driven. */
    const outcomeOf = (promise: Promise<unknown>): Promise<string> =>
      promise.then(
        () => 'none',
        error => (error instanceof HydraError ? error.code : String(error)),
      )
    const codeOf = (promise: Promise<unknown>) => world.settle(outcomeOf(promise))

    for (const count of [2, 3, 4]) {
      test(`gossip between ${count} nodes reaches each other node once and never the sender`, async () => {
        const { heard, setUp } = listeners()
        await connected(count, setUp)
        // Subscriptions travel too, so the first words may be early; from when one got through, none may be lost.
        await gossipReady(heard)
        const before = heard.map(texts => texts.length)
        for (const [i, node] of nodes.entries()) await world.settle(node.publish('topic', utf8(`from ${i}`)))
        await world.until(() => heard.every((texts, i) => texts.length >= before[i]! + count - 1))
        await world.quiet()
        const words = nodes.map((_, i) => `from ${i}`)
        heard.forEach((texts, i) => {
          expect(texts.slice(before[i]).sort()).toEqual(words.filter(word => word !== `from ${i}`))
        })
      })
    }

    /** Publishes until every node has heard every other. */
    async function gossipReady(heard: string[][]): Promise<void> {
      for (let attempt = 0; attempt < 50; attempt++) {
        for (const [i, node] of nodes.entries())
          await world.settle(node.publish('topic', utf8(`hello ${i} ${attempt}`)))
        await world.quiet()
        const complete = heard.every(texts => new Set(texts.map(t => t.split(' ')[1])).size === nodes.length - 1)
        if (complete) return
      }
      throw new Error('gossip never became complete')
    }

    test('publishing with nobody there is no error', async () => {
      const [node] = await connected(1, listeners().setUp)
      expect(await codeOf(node!.publish('topic', utf8('anybody?')))).toBe('none')
      expect(await codeOf(node!.publish('another', utf8('anybody?')))).toBe('none')
    })

    test('the same bytes published again are no error and are heard once', async () => {
      const { heard, setUp } = listeners()
      const [a] = await connected(2, setUp)
      await gossipReady(heard)
      for (let i = 0; i < 3; i++) await world.settle(a!.publish('topic', utf8('again')))
      await world.quiet()
      expect(heard[1]!.filter(text => text === 'again')).toHaveLength(1)
    })

    test('what is rejected or ignored is counted and not forwarded; what is accepted is', async () => {
      const { heard, setUp } = listeners((i, text) =>
        i === 1 && text.startsWith('bad') ? 'reject' : i === 1 && text.startsWith('dull') ? 'ignore' : 'accept',
      )
      // A line: the first node reaches the third only through the second.
      for (let i = 0; i < 3; i++) {
        const node = world.create()
        setUp(node, i)
        await world.settle(node.start())
        if (i > 0) await world.settle(node.dial(nodes[i - 1]!.addresses()[0]!))
        nodes.push(node)
      }
      const [a, b] = nodes as [Network, Network]
      for (let i = 0; i < 50 && !heard[2]!.some(t => t.startsWith('good')); i++) {
        await world.settle(a.publish('topic', utf8(`good ${i}`)))
        await world.quiet()
      }
      expect(heard[2]!.some(text => text.startsWith('good'))).toBe(true)
      await world.settle(a.publish('topic', utf8('bad')))
      await world.settle(a.publish('topic', utf8('dull')))
      await world.until(() => heard[1]!.includes('bad') && heard[1]!.includes('dull'))
      await world.quiet()
      expect(heard[2]).not.toContain('bad')
      expect(heard[2]).not.toContain('dull')
      expect(b.counters().topics.topic).toMatchObject({ rejected: 1, ignored: 1 })
    })

    test('an asynchronous validator is waited for, and one that throws counts as ignore', async () => {
      const { heard, setUp } = listeners(async (_, text): Promise<Validation> => {
        await Promise.resolve()
        if (text === 'trap') throw new Error('this handler is broken')
        return 'accept'
      })
      const [a, b] = await connected(2, setUp)
      await gossipReady(heard)
      await world.settle(a!.publish('topic', utf8('trap')))
      await world.until(() => b!.counters().topics.topic!.ignored === 1)
      await world.settle(a!.publish('topic', utf8('after')))
      await world.until(() => heard[1]!.includes('after'))
    })

    test('a message over the limit is refused at the sender, and rejected where it arrives', async () => {
      const heard: number[] = []
      const [a, b] = await connected(2, (node, i) => {
        node.subscribe('topic', { maxBytes: i === 0 ? 2000 : 1000 }, data => {
          heard.push(data.length)
          return 'accept'
        })
      })
      expect(await codeOf(a!.publish('topic', new Uint8Array(2001)))).toBe('MESSAGE_TOO_LARGE')
      for (let i = 0; i < 50 && b!.counters().topics.topic === undefined; i++) {
        await world.settle(a!.publish('topic', new Uint8Array(1500).fill(i)))
        await world.quiet()
      }
      expect(b!.counters().topics.topic!.oversized).toBeGreaterThan(0)
      expect(heard).toEqual([])
    })

    test('a topic subscribed after the start is heard', async () => {
      const { heard, setUp } = listeners()
      await connected(2)
      nodes.forEach(setUp)
      await gossipReady(heard)
    })

    test('a request brings the answer, and both sides count its bytes', async () => {
      const [a, b] = await connected(2, node => {
        node.handle('reverse/1', LIMITS, async (request, from) => utf8(`${from}:${[...request].reverse()}`))
      })
      const answer = await world.settle(a!.request(b!.peerId, 'reverse/1', Uint8Array.of(1, 2, 3), OPTIONS))
      expect(new TextDecoder().decode(answer)).toBe(`${a!.peerId}:3,2,1`)
      expect(a!.counters().protocols['reverse/1']).toMatchObject({
        requested: 1,
        failed: 0,
        bytesSent: 3,
        bytesReceived: answer.length,
      })
      expect(b!.counters().protocols['reverse/1']).toMatchObject({
        served: 1,
        refused: 0,
        bytesSent: answer.length,
        bytesReceived: 3,
      })
    })

    test('empty and largest bodies pass; many at once keep apart', async () => {
      const [a, b] = await connected(2, node => node.handle('echo/1', LIMITS, async request => request))
      for (const size of [0, 1, 1000]) {
        const body = new Uint8Array(size).fill(size)
        expect(await world.settle(a!.request(b!.peerId, 'echo/1', body, OPTIONS))).toEqual(body)
      }
      const bodies = [1, 2, 3, 4].map(i => Uint8Array.of(i))
      const answers = await world.settle(
        Promise.all(bodies.map(body => a!.request(b!.peerId, 'echo/1', body, OPTIONS))),
      )
      expect(answers).toEqual(bodies)
    })

    test('a handler that throws is an error at the requester, with its code', async () => {
      const [a, b] = await connected(2, node => {
        node.handle('broken/1', LIMITS, async () => {
          throw new HydraError('BLOCK_MISSING', 'there is no such block')
        })
      })
      const request = world.settle(a!.request(b!.peerId, 'broken/1', new Uint8Array(), OPTIONS))
      await expect(request).rejects.toMatchObject({ code: 'REQUEST_FAILED', details: { remoteCode: 'BLOCK_MISSING' } })
      expect(b!.counters().refused.handlerFailed).toBe(1)
    })

    test('a protocol nobody handles, and a peer nobody knows, are errors', async () => {
      const [a, b] = await connected(2)
      expect(await codeOf(a!.request(b!.peerId, 'nothing/1', new Uint8Array(), OPTIONS))).toBe('PROTOCOL_UNSUPPORTED')
      const stranger = world.create().peerId
      expect(await codeOf(a!.request(stranger, 'nothing/1', new Uint8Array(), OPTIONS))).toBe('PEER_NOT_CONNECTED')
    })

    test('a request over the limit is refused, and an answer over the limit is not taken', async () => {
      const [a, b] = await connected(2, node =>
        node.handle('sized/1', LIMITS, async ([size]) => new Uint8Array(10 * size!)),
      )
      const ask = (body: Uint8Array, maxResponseBytes: number) =>
        codeOf(a!.request(b!.peerId, 'sized/1', body, { timeoutMs: 5_000, maxResponseBytes }))
      expect(await ask(new Uint8Array(1001), 1000)).toBe('REQUEST_REFUSED')
      expect(b!.counters().refused.oversized).toBe(1)
      expect(await ask(Uint8Array.of(20), 100)).toBe('REQUEST_FAILED')
      expect(await ask(Uint8Array.of(255), 10_000)).toBe('REQUEST_FAILED')
      expect(await ask(Uint8Array.of(100), 1000)).toBe('none')
    })

    test('a request without an answer ends by its timeout, and by its signal', async () => {
      const [a, b] = await connected(2, node => node.handle('silent/1', LIMITS, () => new Promise(() => {})))
      expect(await codeOf(a!.request(b!.peerId, 'silent/1', new Uint8Array(), { ...OPTIONS, timeoutMs: 50 }))).toBe(
        'REQUEST_TIMEOUT',
      )
      const controller = new AbortController()
      const request = outcomeOf(
        a!.request(b!.peerId, 'silent/1', new Uint8Array(), { ...OPTIONS, signal: controller.signal }),
      )
      controller.abort()
      expect(await world.settle(request)).toBe('REQUEST_ABORTED')
    })

    test('more requests at once than one peer may have served are refused, and later ones served again', async () => {
      const release: (() => void)[] = []
      const [a, b] = await connected(2, node => {
        node.handle('slow/1', LIMITS, () => new Promise(resolve => release.push(() => resolve(new Uint8Array(1)))))
      })
      const ask = () => outcomeOf(a!.request(b!.peerId, 'slow/1', new Uint8Array(), OPTIONS))
      const asked = Array.from({ length: 6 }, ask)
      await world.until(() => b!.counters().refused.busy === 2 && release.length === 4)
      for (const go of release.splice(0)) go()
      expect((await world.settle(Promise.all(asked))).sort()).toEqual([
        'REQUEST_REFUSED',
        'REQUEST_REFUSED',
        'none',
        'none',
        'none',
        'none',
      ])
      const later = ask()
      await world.until(() => release.length === 1)
      release[0]!()
      expect(await world.settle(later)).toBe('none')
    })

    /** Everything that is read of a stream, and the code of the error it ends with, or `none`. */
    async function readAll(frames: AsyncIterable<Uint8Array>): Promise<{ frames: string[]; outcome: string }> {
      const texts: string[] = []
      const outcome = await outcomeOf(
        (async () => {
          for await (const frame of frames) texts.push(new TextDecoder().decode(frame))
        })(),
      )
      return { frames: texts, outcome }
    }

    test('a stream brings its frames in order, the first before the last was made, and both sides count', async () => {
      const release = Promise.withResolvers<void>()
      const [a, b] = await connected(2, node => {
        node.handleStream('count/1', STREAM, async function* ([to], from) {
          yield utf8(from)
          await release.promise
          for (let i = 0; i < to!; i++) yield utf8(`${i}`)
          yield new Uint8Array(0)
        })
      })
      const frames = a!.requestStream(b!.peerId, 'count/1', Uint8Array.of(40), STREAM_OPTIONS)
      const first = await world.settle(frames.next())
      expect(new TextDecoder().decode(first.value)).toBe(a!.peerId)
      release.resolve()
      const rest = await world.settle(readAll(frames))
      expect(rest).toEqual({ frames: [...Array.from({ length: 40 }, (_, i) => `${i}`), ''], outcome: 'none' })
      await world.quiet()
      const bytes = a!.peerId.length + rest.frames.join('').length
      expect(a!.counters().protocols['count/1']).toMatchObject({ requested: 1, failed: 0, bytesReceived: bytes })
      expect(b!.counters().protocols['count/1']).toMatchObject({ served: 1, refused: 0, bytesSent: bytes })
      expect((await frames.next()).done).toBe(true)
    })

    test('a stream whose handler throws brings what came before and the code; it never looks complete', async () => {
      const [a, b] = await connected(2, node => {
        node.handleStream('broken/1', STREAM, async function* () {
          yield utf8('one')
          throw new HydraError('MODEL_MISSING', 'there is no such model')
        })
      })
      const frames = a!.requestStream(b!.peerId, 'broken/1', new Uint8Array(), STREAM_OPTIONS)
      expect(new TextDecoder().decode((await world.settle(frames.next())).value)).toBe('one')
      await expect(world.settle(frames.next())).rejects.toMatchObject({
        code: 'REQUEST_FAILED',
        details: { remoteCode: 'MODEL_MISSING' },
      })
      expect((await frames.next()).done).toBe(true)
      expect(b!.counters().refused.handlerFailed).toBe(1)
    })

    test('who stops reading a stream, or aborts it, ends it at the other side', async () => {
      const ended: string[] = []
      const [a, b] = await connected(2, node => {
        node.handleStream('endless/1', STREAM, async function* (request, _, signal) {
          const name = new TextDecoder().decode(request)
          signal.addEventListener('abort', () => ended.push(name))
          yield request
          await new Promise(() => {})
        })
      })
      for await (const frame of await started('stopped')) {
        expect(new TextDecoder().decode(frame)).toBe('stopped')
        break
      }
      await world.until(() => ended.includes('stopped'))
      const controller = new AbortController()
      const frames = await started('aborted', controller.signal)
      await world.settle(frames.next())
      controller.abort()
      expect((await world.settle(readAll(frames))).outcome).toBe('REQUEST_ABORTED')
      await world.until(() => ended.includes('aborted'))

      /** A stream whose first frame has come, so that waiting for it needs no time. */
      async function started(name: string, signal?: AbortSignal) {
        const options = { ...STREAM_OPTIONS, ...(signal && { signal }) }
        const frames = a!.requestStream(b!.peerId, 'endless/1', utf8(name), options)
        await world.quiet()
        return frames
      }
    })

    test('silence before the first frame and between two ends a stream by its timeout', async () => {
      const [a, b] = await connected(2, node => {
        node.handleStream('silent/1', STREAM, async function* ([frames]) {
          for (let i = 0; i < frames!; i++) yield utf8('x')
          await new Promise(() => {})
        })
      })
      for (const count of [0, 2]) {
        const options = { ...STREAM_OPTIONS, idleMs: 80 }
        const frames = a!.requestStream(b!.peerId, 'silent/1', Uint8Array.of(count), options)
        expect(await world.settle(readAll(frames))).toEqual({
          frames: Array(count).fill('x'),
          outcome: 'REQUEST_TIMEOUT',
        })
      }
    })

    test('a stream is bounded: its request, each frame, all frames, and how many a peer has at once', async () => {
      const [a, b] = await connected(2, node => {
        node.handleStream('sized/1', STREAM, async function* ([size, count]) {
          for (let i = 0; i < count!; i++) yield new Uint8Array(size!)
        })
        node.handleStream('held/1', STREAM, async function* () {
          yield utf8('x')
          await new Promise(() => {})
        })
      })
      const ask = async (request: number[], options = {}) => {
        const frames = a!.requestStream(b!.peerId, 'sized/1', Uint8Array.from(request), {
          ...STREAM_OPTIONS,
          ...options,
        })
        const { frames: read, outcome } = await world.settle(readAll(frames))
        return [read.length, outcome]
      }
      expect(await ask([100, 100])).toEqual([100, 'none'])
      expect(await ask([101, 1])).toEqual([0, 'REQUEST_FAILED'])
      expect(await ask([100, 101])).toEqual([100, 'REQUEST_FAILED'])
      expect(await ask([0, 157])).toEqual([156, 'REQUEST_FAILED'])
      expect(await ask([20, 1], { maxFrameBytes: 10 })).toEqual([0, 'REQUEST_FAILED'])
      expect(await ask([100, 3], { maxTotalBytes: 250 })).toEqual([2, 'REQUEST_FAILED'])
      expect(await ask(Array(1001).fill(1))).toEqual([0, 'REQUEST_REFUSED'])
      const held = [1, 2, 3].map(() => a!.requestStream(b!.peerId, 'held/1', new Uint8Array(), STREAM_OPTIONS))
      const firsts = await world.settle(Promise.all(held.map(frames => outcomeOf(frames.next()))))
      expect(firsts.sort()).toEqual(['REQUEST_REFUSED', 'none', 'none'])
      for (const frames of held) await frames.return!()
      await world.quiet()
      const later = a!.requestStream(b!.peerId, 'held/1', new Uint8Array(), STREAM_OPTIONS)
      expect(await codeOf(later.next())).toBe('none')
    })

    test('a stream of nobody, of nothing, and one whose other end goes away are errors', async () => {
      const [a, b] = await connected(2, node => {
        node.handleStream('held/1', STREAM, async function* () {
          yield utf8('x')
          await new Promise(() => {})
        })
      })
      const ask = (peer: string, protocol: string) => a!.requestStream(peer, protocol, new Uint8Array(), STREAM_OPTIONS)
      expect(await codeOf(ask(b!.peerId, 'nothing/1').next())).toBe('PROTOCOL_UNSUPPORTED')
      expect(await codeOf(ask(world.create().peerId, 'held/1').next())).toBe('PEER_NOT_CONNECTED')
      const held = ask(b!.peerId, 'held/1')
      await world.settle(held.next())
      await world.settle(b!.stop())
      expect(['CONNECTION_LOST', 'REQUEST_FAILED']).toContain(await codeOf(held.next()))
    })

    test('both ends hear of a connection and of its end, and a pending request ends with it', async () => {
      const changes: PeerChange[][] = []
      const [a, b] = await connected(2, (node, i) => {
        changes[i] = []
        node.onPeerChange(change => changes[i]!.push(change))
        node.handle('silent/1', LIMITS, () => new Promise(() => {}))
      })
      expect(changes).toEqual([[{ peerId: b!.peerId, connected: true }], [{ peerId: a!.peerId, connected: true }]])
      expect(a!.peers()[0]).toMatchObject({ peerId: b!.peerId, direction: 'inbound' })
      expect(b!.peers()[0]).toMatchObject({ peerId: a!.peerId, direction: 'outbound' })
      const request = outcomeOf(a!.request(b!.peerId, 'silent/1', new Uint8Array(), OPTIONS))
      await world.quiet()
      await world.settle(b!.stop())
      expect(['CONNECTION_LOST', 'REQUEST_FAILED']).toContain(await world.settle(request))
      await world.until(() => changes[0]!.length === 2)
      expect(changes[0]![1]).toEqual({ peerId: b!.peerId, connected: false })
      expect(a!.peers()).toEqual([])
    })

    test('dialling nonsense, and where nobody is, are errors', async () => {
      const [a, gone] = await connected(2)
      const address = gone!.addresses()[0]!
      await world.settle(gone!.stop())
      await world.until(() => a!.peers().length === 0)
      expect(await codeOf(a!.dial('nonsense'))).toBe('ADDRESS_INVALID')
      expect(await codeOf(a!.dial(address))).toBe('DIAL_FAILED')
    })

    test('stop ends everything: pending requests, the address, every handle; twice is once', async () => {
      const [a, b] = await connected(2, node => {
        node.subscribe('topic', { maxBytes: 1000 }, () => 'accept')
        node.handle('silent/1', LIMITS, () => new Promise(() => {}))
      })
      const request = outcomeOf(a!.request(b!.peerId, 'silent/1', new Uint8Array(), OPTIONS))
      await world.quiet()
      await world.settle(a!.stop())
      await world.settle(a!.stop())
      expect(await world.settle(request)).toBe('NETWORK_STOPPED')
      expect(a!.peers()).toEqual([])
      expect(await codeOf(a!.publish('topic', utf8('late')))).toBe('NETWORK_STOPPED')
      await world.settle(b!.stop())
      expect(await world.leftovers()).toEqual([])
    })

    test('a second handler for a topic or a protocol is an error', async () => {
      const node = world.create()
      const twice = (register: () => void) => {
        register()
        expect(register).toThrow(expect.objectContaining({ code: 'NETWORK_STATE' }))
      }
      twice(() => node.subscribe('topic', { maxBytes: 1 }, () => 'accept'))
      twice(() => node.handle('echo/1', LIMITS, async request => request))
      const streamed = (name: string) => node.handleStream(name, STREAM, async function* () {})
      twice(() => streamed('stream/1'))
      expect(() => streamed('echo/1')).toThrow(expect.objectContaining({ code: 'NETWORK_STATE' }))
      expect(() => node.subscribe('vast', { maxBytes: 1e9 }, () => 'accept')).toThrow(
        expect.objectContaining({ code: 'MESSAGE_TOO_LARGE' }),
      )
    })
  })
}
