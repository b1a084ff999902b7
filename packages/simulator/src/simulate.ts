import { type Hash, taggedHash, utf8 } from '@hydraai/core'
import type { Logger } from '@hydraai/node'
import { Violation } from './checker.ts'
import { drawFaults, healWires, inflict } from './faults.ts'
import { SeededRandom } from './seededRandom.ts'
import { World } from './world.ts'

export interface SimulationOptions {
  readonly seed: number
  readonly nodes: number
  readonly wasm: Uint8Array
  /** How long faults go on, and how long the network then has to show that it lives. */
  readonly stormMs?: number
  readonly healMs?: number
  readonly logger?: (id: string) => Logger
}

export interface SimulationReport {
  readonly seed: number
  readonly faults: number
  /** Heights reached in the storm and at the end. */
  readonly stormHeight: number
  readonly height: number
  readonly modelVersion: number
  readonly simulatedMs: number
  /** Equal for equal seeds. */
  readonly history: Hash
}

/** Blocks that must follow once everything has healed. */
const REQUIRED_PROGRESS = 5

/**
 * Tries to break safety, then heals the network and demands liveness. Throws a Violation that names the seed.
 */
export async function simulate(options: SimulationOptions): Promise<SimulationReport> {
  const { seed, nodes, wasm, stormMs = 40_000, healMs = 40_000 } = options
  const world = await World.create({
    seed,
    nodes,
    wasm,
    maxSkewMs: 200,
    ...(options.logger && { logger: options.logger }),
  })
  const faults = drawFaults(new SeededRandom(seed, 4), nodes, stormMs)
  try {
    for (const machine of world.machines) world.bootSoon(machine)
    const start = world.clock.now()
    for (const fault of faults) {
      await world.run(start + fault.at - world.clock.now())
      inflict(world, fault)
      world.assertSafe()
    }
    await world.run(start + stormMs - world.clock.now())
    world.assertSafe()
    const stormHeight = world.checker.highest
    healWires(world)
    await demandProgress(world, stormHeight + REQUIRED_PROGRESS, healMs)
    return {
      seed,
      faults: faults.length,
      stormHeight,
      height: world.checker.highest,
      modelVersion: Math.max(...world.running.map(({ node }) => node!.state.models.get('tiny')!.version)),
      simulatedMs: world.clock.now() - start,
      history: taggedHash(world.checker.history, utf8(String(world.checker.highest))),
    }
  } catch (error) {
    if (error instanceof Violation)
      throw new Violation(`seed ${seed}: ${error.message}\nreplay: npm run simulate -- --from ${seed} --seeds 1`)
    throw error
  }
}

/** Every machine must come back, and every node must commit `height` with the same state. */
async function demandProgress(world: World, height: number, withinMs: number): Promise<void> {
  const deadline = world.clock.now() + withinMs
  while (world.clock.now() < deadline) {
    await world.run(1_000)
    world.assertSafe()
    const arrived = world.machines.filter(({ node }) => node !== null && node.chain.height >= height)
    if (arrived.length === world.machines.length) return
  }
  const heights = world.machines.map(({ id, node }) => `${id} ${node ? node.chain.height : 'down'}`).join(', ')
  throw new Violation(`no progress to block ${height} within ${withinMs} ms of healing: ${heights}`)
}
