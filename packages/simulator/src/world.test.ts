import { describe, expect, test } from 'vitest'
import { engineWasm } from './engineWasm.ts'
import { inflict } from './faults/inflict.ts'
import { MOMENTS } from './fuse.ts'
import { parametersOf, planOf } from './plan.ts'
import { World, type WorldOptions } from './world.ts'

async function running(seed: number, options: Partial<WorldOptions> = {}): Promise<World> {
  const parameters = parametersOf(planOf({ seed, nodes: 4 }))
  const world = await World.create({ seed, nodes: 4, trains: false, wasm: engineWasm, parameters, ...options })
  for (const machine of world.machines) world.bootSoon(machine)
  world.watch()
  return world
}

describe('a process that dies at an effect', () => {
  for (const effect of ['write', 'send', 'timer'] as const)
    for (const moment of MOMENTS)
      test(`${moment} a ${effect} comes back and goes on`, async () => {
        const world = await running(301)
        await world.runSafely(3_000)
        const [machine] = world.machines
        const before = machine!.node
        inflict(world, { at: 0, type: 'fuse', machine: 0, effect, count: 5, moment, downMs: 1_000 })
        await world.runSafely(20_000)
        expect(machine!.node).not.toBe(before)
        expect(machine!.node!.chain.height).toBeGreaterThan(8)
      }, 60_000)
})

describe('a machine', () => {
  test('that stands still hears nothing and keeps its place; it goes on where it was', async () => {
    const world = await running(302)
    await world.runSafely(5_000)
    const [machine] = world.machines
    const { node } = machine!
    inflict(world, { at: 0, type: 'pause', machine: 0, forMs: 10_000 })
    const { height } = node!.chain
    await world.runSafely(9_000)
    expect(node!.chain.height).toBe(height)
    expect(world.checker.highest).toBeGreaterThan(height + 3)
    await world.runSafely(10_000)
    expect(machine!.node).toBe(node)
    expect(node!.chain.height).toBeGreaterThan(height + 6)
  }, 60_000)

  test('whose disk lost a bit of what it needs refuses it, is set up anew, and signs nothing twice', async () => {
    let setUp = 0
    for (let draw = 1; draw <= 12; draw++) {
      const world = await running(303)
      await world.runSafely(6_000)
      inflict(world, { at: 0, type: 'flip', machine: 1, downMs: 500, inLog: draw % 2 === 0, draw: 7_919 * draw })
      const machine = world.machines[1]!
      expect(machine.damaged).toBe(true)
      await world.runSafely(25_000)
      if (!machine.damaged) setUp++
      expect(machine.node!.chain.height).toBeGreaterThan(20)
    }
    expect(setUp).toBeGreaterThan(0)
  }, 120_000)

  test('whose disk is full stops voting, and goes on when there is room', async () => {
    const world = await running(304)
    await world.runSafely(4_000)
    inflict(world, { at: 0, type: 'full', machine: 2, roomBytes: 100, forMs: 8_000 })
    await world.runSafely(6_000)
    expect(world.machines[2]!.haltedBy).toMatchObject({ code: 'STORAGE_FULL' })
    await world.runSafely(15_000)
    expect(world.machines[2]!.haltedBy).toBe(null)
    expect(world.machines[2]!.node!.chain.height).toBeGreaterThan(world.checker.highest - 3)
  }, 60_000)

  test('whose clock is wrong by minutes does no harm, and is used again when it is right', async () => {
    const world = await running(305)
    await world.runSafely(2_000)
    inflict(world, { at: 0, type: 'clock', machine: 3, byMs: 300_000, back: false })
    inflict(world, { at: 0, type: 'clock', machine: 0, byMs: 5_000, back: true })
    await world.runSafely(40_000)
    const { time } = world.checker.sideOf(world.checker.highest)!.block.header
    expect(Math.abs(time - world.clock.now())).toBeLessThan(15_000)
    expect(world.checker.highest).toBeGreaterThan(8)
  }, 60_000)
})

describe('a swizzle', () => {
  test('clogs one after the other and lets all of it go in another order: blocks go on', async () => {
    const world = await running(306)
    await world.runSafely(3_000)
    const [clog, order] = [
      [0, 1, 2],
      [2, 0, 1],
    ]
    inflict(world, { at: 0, type: 'swizzle', clog: clog!, order: order!, inbound: true, stepMs: 1_000 })
    await world.runSafely(4_000)
    const { highest } = world.checker
    await world.runSafely(30_000)
    expect(world.checker.highest).toBeGreaterThan(highest + 5)
  }, 60_000)
})

describe('the checker', () => {
  test('follows every block on a replica of its own, through epochs and committees that change', async () => {
    const world = await running(307)
    await world.runSafely(30_000)
    const { state } = world.checker.replica
    expect(state.height).toBe(world.checker.highest)
    expect(state.height).toBeGreaterThan(16)
  }, 60_000)
})
