import type { Hash } from '@hydraai/core'
import { contentIdOf } from '@hydraai/core'
import { describe, expect, test } from 'vitest'
import { engineWasm } from './engineWasm.ts'
import { World } from './world.ts'

describe('a unit that fails', () => {
  test('is tried again in the same round: a round waits for its first unit for ever', async () => {
    let failures = 0
    const world = await World.create({
      seed: 61,
      nodes: 1,
      wasm: engineWasm,
      tamper: () => ({
        unit: async unit => {
          if (failures++ === 0) throw new Error('the machine ran out of memory')
          return unit
        },
      }),
    })
    const node = await world.boot(world.machines[0]!)
    await world.run(40_000)
    world.assertSafe()
    expect(failures).toBeGreaterThan(1)
    expect(node.state.models.get('tiny')!.version).toBeGreaterThan(0)
  }, 60_000)
})

describe('a unit that takes longer than superseded content is kept', () => {
  test('still has its payload when it is aggregated', async () => {
    const SLOW_MS = 300_000
    let slow = true
    const world: World = await World.create({
      seed: 63,
      nodes: 1,
      wasm: engineWasm,
      tamper: () => ({
        unit: unit =>
          new Promise(resolve => {
            world.clock.after(slow ? SLOW_MS : 0, () => resolve(unit))
            slow = false
          }),
      }),
    })
    const node = await world.boot(world.machines[0]!)
    const { blockIntervalMs } = node.state.parameters
    expect(SLOW_MS / blockIntervalMs).toBeGreaterThan(200)
    await world.run(SLOW_MS + 60_000)
    world.assertSafe()
    expect(node.state.models.get('tiny')!.version).toBeGreaterThan(0)
  }, 60_000)
})

describe('what is stored', () => {
  test('holds what the state names, and not the parameters and payloads of all time', async () => {
    const world = await World.create({ seed: 62, nodes: 1, wasm: engineWasm })
    const node = await world.boot(world.machines[0]!)
    const superseded: Hash[] = []
    let last = node.state.models.get('tiny')!
    node.chain.committed.add(({ state }) => {
      const next = state.models.get('tiny')!
      if (next.version !== last.version) superseded.push(last.parameters, last.momentum)
      last = next
    })
    await world.run(260_000)
    world.assertSafe()
    const units: string[] = []
    for await (const [key] of node.ports.storage.db.range({ gte: 'unit/', lt: 'unit0' })) units.push(key)
    expect(units.length).toBeGreaterThan(0)
    expect(units.length).toBeLessThan(20)
    const [oldParameters, oldMomentum] = superseded
    expect(superseded.length).toBeGreaterThan(10)
    for (const id of [last.parameters, last.momentum, last.document, last.data])
      expect(contentIdOf(await node.library.get(id))).toBe(id)
    for (const id of [oldParameters!, oldMomentum!])
      await expect(node.library.get(id)).rejects.toMatchObject({ code: 'CONTENT_UNAVAILABLE' })
  }, 60_000)
})
