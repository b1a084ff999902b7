import { describe, expect, test } from 'vitest'
import { engineWasm } from './engineWasm.ts'
import { World } from './world.ts'

async function running(options: { seed: number; nodes: number; newcomers?: number }) {
  const world = await World.create({ ...options, wasm: engineWasm })
  for (const machine of world.machines.slice(0, options.nodes)) await world.boot(machine)
  return world
}

const heights = (world: World) => world.running.map(({ node }) => node!.chain.height)

describe('validators that stop', () => {
  test('one of four: blocks and rounds go on', async () => {
    const world = await running({ seed: 31, nodes: 4 })
    await world.run(10_000)
    world.crash(world.machines[2]!)
    const before = world.checker.highest
    const version = () => world.machines[0]!.node!.state.models.get('tiny')!.version
    const versionBefore = version()
    await world.run(150_000)
    world.assertSafe()
    expect(world.checker.highest).toBeGreaterThan(before + 75)
    // The lost trainer and verifier costs the first rounds their whole phases, then nothing any more.
    expect(version()).toBeGreaterThan(versionBefore + 3)
  }, 240_000)

  test('two of four: blocks stop and nothing forks; when they return, blocks go on', async () => {
    const world = await running({ seed: 32, nodes: 4 })
    await world.run(10_000)
    world.crash(world.machines[1]!)
    world.crash(world.machines[2]!)
    await world.run(5_000)
    const stopped = world.checker.highest
    await world.run(600_000)
    world.assertSafe()
    expect(world.checker.highest).toBe(stopped)
    await world.boot(world.machines[1]!)
    await world.boot(world.machines[2]!)
    await world.run(60_000)
    world.assertSafe()
    expect(Math.min(...heights(world))).toBeGreaterThan(stopped + 10)
  }, 240_000)
})

describe('one node alone', () => {
  test('is a working network: it makes blocks, trains and earns', async () => {
    const world = await running({ seed: 33, nodes: 1 })
    await world.run(40_000)
    world.assertSafe()
    const { state, address } = world.machines[0]!.node!
    expect(state.models.get('tiny')!.version).toBeGreaterThan(1)
    expect(state.accounts.get(address)!.unitsVerified).toBeGreaterThan(1)
  }, 240_000)
})

describe('a newcomer with nothing', () => {
  test('syncs, fetches model and data from peers, registers, trains on fee credit, earns and stakes', async () => {
    const world = await running({ seed: 34, nodes: 4, newcomers: 1 })
    await world.run(30_000)
    const late = world.machines[4]!
    const node = await world.boot(late)
    await world.run(90_000)
    world.assertSafe()
    expect(node.chain.height).toBeGreaterThan(100)
    const account = node.state.accounts.get(node.address)!
    expect(account.registered).toBe(true)
    expect(account.unitsVerified).toBeGreaterThan(0)
    expect(account.stake).toBe(1_000_000n)
    expect(account.verdictsGiven).toBeGreaterThan(0)
  }, 240_000)
})

describe('two machines with one key', () => {
  test('hear each other and fall silent in turns: nobody signs twice, no stake is lost, and the others go on', async () => {
    const world = await World.create({ seed: 35, nodes: 4, twins: 1, wasm: engineWasm })
    const [original, witness] = world.machines
    for (const machine of world.machines) await world.boot(machine)
    const { address } = original!.node!
    let slashes = 0
    witness!.node!.chain.committed.add(({ events }) => {
      slashes += events.filter(event => event.type === 'slash' && event.account === address).length
    })
    await world.run(60_000)
    world.assertSafe()
    expect(slashes).toBe(0)
    const warned = [original!, world.machines[4]!].flatMap(({ node }) =>
      node!.journal.recent(500).filter(({ text }) => text.includes('votes with the key of this one')),
    )
    expect(warned.length).toBeGreaterThan(0)
    expect(world.checker.highest).toBeGreaterThan(20)
  }, 240_000)
})
