import { CounterRandom, hashOf, utf8 } from '@hydraai/core'
import { describe, expect, test } from 'vitest'
import { CONFORMANCE_LIMITS, networkConformance } from '../conformance.ts'
import type { Network } from '../network.ts'
import { SimulatedSwitch, type SwitchConditions } from './simulatedSwitch.ts'
import { VirtualClock } from './virtualClock.ts'

networkConformance('in memory', () => {
  const clock = new VirtualClock()
  const random = new CounterRandom(hashOf(utf8('conformance')))
  const wires = new SimulatedSwitch({ clock, random, fullMesh: false, limits: CONFORMANCE_LIMITS })
  let created = 0
  return {
    create: () => wires.network(`node-${created++}`),
    async until(condition) {
      for (let i = 0; i < 10_000 && !condition(); i++) if (!(await clock.step())) break
      if (!condition()) throw new Error('the condition never came to hold')
    },
    async settle(promise) {
      let done = false
      const watch = () => {
        done = true
      }
      promise.then(watch, watch)
      await new Promise(resolve => setImmediate(resolve))
      while (!done && (await clock.step()));
      return await promise
    },
    quiet: () => clock.advance(100),
    leftovers: async () => [],
  }
})

/** A full mesh of nodes that accept and write down what they hear, and the whole history as text. */
async function world(seed: string, count: number, conditions: Partial<SwitchConditions> = {}) {
  const clock = new VirtualClock()
  const wires = new SimulatedSwitch({ clock, random: new CounterRandom(hashOf(utf8(seed))), conditions })
  const history: string[] = []
  const make = (id: string): Network => {
    const node = wires.network(id)
    const note = (text: string) => history.push(`${clock.now()} ${id} ${text}`)
    node.subscribe('topic', { maxBytes: 1000 }, (data, from) => {
      note(`heard ${new TextDecoder().decode(data)} from ${from}`)
      return 'accept'
    })
    node.handle('echo/1', { maxRequestBytes: 1000, maxResponseBytes: 1000 }, async request => request)
    node.onPeerChange(({ peerId, connected }) => note(`${connected ? 'gained' : 'lost'} ${peerId}`))
    return node
  }
  const nodes = Array.from({ length: count }, (_, i) => make(`n${i}`))
  for (const node of nodes) await node.start()
  await clock.advance(100)
  const heardBy = (id: string, text: string) => history.filter(line => line.includes(`${id} heard ${text} `)).length
  const codeOf = (promise: Promise<unknown>) =>
    promise.then(
      () => 'none',
      error => error.code as string,
    )
  return { clock, wires, nodes, history, make, heardBy, codeOf }
}

describe('the simulated switch', () => {
  test('one seed gives one history, another seed another', async () => {
    const run = async (seed: string) => {
      const { clock, wires, nodes, history } = await world(seed, 5, {
        loss: 0.3,
        duplication: 0.2,
        requestFailure: 0.3,
      })
      for (let i = 0; i < 20; i++) {
        const node = nodes[i % 5]!
        await node.publish('topic', utf8(`message ${i}`))
        const request = node.request(nodes[(i + 1) % 5]!.peerId, 'echo/1', utf8(`${i}`), {
          timeoutMs: 100,
          maxResponseBytes: 9,
        })
        request.then(
          () => history.push(`${clock.now()} answer ${i}`),
          error => history.push(`${clock.now()} ${error.code} ${i}`),
        )
        if (i === 8) wires.partition([['n0', 'n1']])
        if (i === 14) wires.heal()
        await clock.advance(7)
      }
      await clock.advance(1000)
      return history.join('\n')
    }
    const first = await run('seed 1')
    expect(await run('seed 1')).toBe(first)
    expect(await run('seed 2')).not.toBe(first)
    expect(first).toContain('CONNECTION_LOST')
    expect(first).toContain('answer')
  })

  test('with everything lost nobody hears; with everything doubled each hears twice', async () => {
    const { clock, wires, nodes, heardBy } = await world('loss', 2, { loss: 1 })
    await nodes[0]!.publish('topic', utf8('lost'))
    await clock.advance(100)
    expect(heardBy('n1', 'lost')).toBe(0)
    wires.setConditions({ loss: 0, duplication: 1 })
    await nodes[0]!.publish('topic', utf8('double'))
    await clock.advance(100)
    expect(heardBy('n1', 'double')).toBe(2)
  })

  test('a partition lets nothing through, is noticed after a while, and heals', async () => {
    const { clock, wires, nodes, heardBy, codeOf } = await world('partition', 4, { partitionNoticeMs: 500 })
    wires.partition([['n0', 'n1']])
    await nodes[0]!.publish('topic', utf8('split'))
    const slow = codeOf(nodes[0]!.request('n2', 'echo/1', utf8('?'), { timeoutMs: 5000, maxResponseBytes: 9 }))
    await clock.advance(400)
    expect(nodes[0]!.peers()).toHaveLength(3)
    expect([heardBy('n1', 'split'), heardBy('n2', 'split'), heardBy('n3', 'split')]).toEqual([1, 0, 0])
    await clock.advance(200)
    expect(await slow).toBe('CONNECTION_LOST')
    expect(nodes.map(node => node.peers().map(p => p.peerId))).toEqual([['n1'], ['n0'], ['n3'], ['n2']])
    wires.heal()
    await clock.advance(100)
    expect(nodes.every(node => node.peers().length === 3)).toBe(true)
    await nodes[0]!.publish('topic', utf8('whole'))
    await clock.advance(100)
    expect([heardBy('n1', 'whole'), heardBy('n2', 'whole'), heardBy('n3', 'whole')]).toEqual([1, 1, 1])
  })

  test('a crashed node is gone at once, its requests never settle, and its id can come back', async () => {
    const { clock, wires, nodes, make, heardBy, codeOf } = await world('crash', 3)
    let settled = false
    const orphan = nodes[1]!.request('n0', 'echo/1', utf8('?'), { timeoutMs: 50, maxResponseBytes: 9 })
    orphan.then(
      () => (settled = true),
      () => (settled = true),
    )
    const asked = codeOf(nodes[0]!.request('n1', 'echo/1', utf8('?'), { timeoutMs: 5000, maxResponseBytes: 9 }))
    wires.crash('n1')
    await clock.advance(1000)
    expect(settled).toBe(false)
    expect(await asked).toBe('CONNECTION_LOST')
    expect(nodes[0]!.peers().map(p => p.peerId)).toEqual(['n2'])
    await nodes[0]!.publish('topic', utf8('without'))
    await clock.advance(100)
    expect([heardBy('n1', 'without'), heardBy('n2', 'without')]).toEqual([0, 1])

    const again = make('n1')
    await again.start()
    await clock.advance(100)
    expect(again.peers().map(p => p.peerId)).toEqual(['n0', 'n2'])
    expect(nodes[0]!.peers().map(p => p.peerId)).toEqual(['n1', 'n2'])
    await nodes[2]!.publish('topic', utf8('back'))
    await clock.advance(100)
    expect(heardBy('n1', 'back')).toBe(1)
  })

  test('a way that is cut leaves the way back: one is heard and hears nothing, and both still seem connected', async () => {
    const { clock, wires, nodes, heardBy, codeOf } = await world('one way', 2)
    wires.cut('n0', 'n1')
    await nodes[0]!.publish('topic', utf8('there'))
    await nodes[1]!.publish('topic', utf8('back'))
    const asked = codeOf(nodes[1]!.request('n0', 'echo/1', utf8('?'), { timeoutMs: 500, maxResponseBytes: 9 }))
    await clock.advance(1000)
    expect([heardBy('n1', 'there'), heardBy('n0', 'back')]).toEqual([0, 1])
    expect(await asked).toBe('REQUEST_TIMEOUT')
    expect(nodes.map(node => node.peers().length)).toEqual([1, 1])
    wires.heal()
    await nodes[0]!.publish('topic', utf8('whole'))
    await clock.advance(100)
    expect(heardBy('n1', 'whole')).toBe(1)
  })

  test('what meets a clog waits, and all of it comes when the clog is gone', async () => {
    const { clock, wires, nodes, heardBy } = await world('clog', 3)
    for (const id of ['n1', 'n2']) wires.clog('n0', id)
    for (let i = 0; i < 5; i++) await nodes[0]!.publish('topic', utf8(`message ${i}`))
    await clock.advance(5000)
    expect([0, 1, 2, 3, 4].map(i => heardBy('n1', `message ${i}`))).toEqual([0, 0, 0, 0, 0])
    wires.unclog('n0', 'n1')
    await clock.advance(100)
    expect([0, 1, 2, 3, 4].map(i => heardBy('n1', `message ${i}`))).toEqual([1, 1, 1, 1, 1])
    // n1 passed them on.
    expect(heardBy('n2', 'message 0')).toBe(1)
  })

  test('a node that stands still hears nothing, not even its timeouts, and all of it when it goes on', async () => {
    const { clock, wires, nodes, heardBy, codeOf } = await world('freeze', 2)
    let code = ''
    void codeOf(nodes[1]!.request('n0', 'echo/1', utf8('?'), { timeoutMs: 200, maxResponseBytes: 9 })).then(said => {
      code = said
    })
    wires.freeze('n1')
    await nodes[0]!.publish('topic', utf8('first'))
    await clock.advance(1000)
    expect([heardBy('n1', 'first'), code]).toEqual([0, ''])
    wires.thaw('n1')
    await clock.advance(1)
    expect([heardBy('n1', 'first'), code]).toEqual([1, 'none'])
  })

  test('what was sent arrives, even if its sender is gone by then', async () => {
    const { clock, wires, nodes, heardBy } = await world('last words', 2)
    await nodes[0]!.publish('topic', utf8('farewell'))
    wires.crash('n0')
    await nodes[0]!.publish('topic', utf8('ghost'))
    await clock.advance(100)
    expect([heardBy('n1', 'farewell'), heardBy('n1', 'ghost')]).toEqual([1, 0])
  })

  test('a heavy tail delays few packets, and some of them very long', async () => {
    const { clock, nodes, history } = await world('tail', 2, { tail: 0.5 })
    const start = clock.now()
    for (let i = 0; i < 200; i++) await nodes[0]!.publish('topic', utf8(`${i}`))
    await clock.advance(100_000)
    const delays = history
      .filter(line => line.includes('n1 heard'))
      .map(line => Number(line.split(' ')[0]) - start)
      .sort((a, b) => a - b)
    expect(delays).toHaveLength(200)
    expect(delays[60]).toBeLessThan(21)
    expect(delays[199]).toBeGreaterThan(200)
  })

  test('a whisper reaches those it names; a fanout still reaches everybody, by others', async () => {
    const { clock, wires, nodes, heardBy } = await world('whisper', 5)
    wires.whisper('n0', ['n1'], 'topic', utf8('secret'))
    await clock.advance(1)
    expect([1, 2, 3, 4].map(i => heardBy(`n${i}`, 'secret')).slice(1)).toEqual([0, 0, 0])
    await clock.advance(200)
    // n1 accepted it and passed it on.
    expect([1, 2, 3, 4].map(i => heardBy(`n${i}`, 'secret'))).toEqual([1, 1, 1, 1])
    expect(nodes[0]!.counters().topics.topic!.published).toBe(0)
  })

  test('no request hangs whatever the wires do: each settles by its timeout at the latest', async () => {
    const { clock, wires, nodes, codeOf } = await world('hang', 3, { requestFailure: 0.5 })
    const codes: Promise<string>[] = []
    for (let i = 0; i < 30; i++) {
      codes.push(
        codeOf(nodes[0]!.request(`n${1 + (i % 2)}`, 'echo/1', utf8(`${i}`), { timeoutMs: 300, maxResponseBytes: 9 })),
      )
      if (i === 10) wires.partition([['n1']])
      if (i === 20) wires.heal()
      await clock.advance(10)
    }
    await clock.advance(300)
    const seen = new Set(await Promise.all(codes))
    expect(seen).toContain('none')
    expect(seen).toContain('CONNECTION_LOST')
  })
})
