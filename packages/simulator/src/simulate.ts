import { type Hash, taggedHash, utf8, ZERO_HASH } from '@hydraai/core'
import type { FoundingTask, Logger } from '@hydraai/node'
import { Violation } from './checker.ts'
import { drawFaults, healWires, inflict } from './faults.ts'
import { canPublish, publish } from './publishing.ts'
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
  /** The models of genesis: one tiny model unless given. */
  readonly tasks?: readonly FoundingTask[]
  /** A model that somebody publishes amid the storm; after healing it must be founded, and every model go on. */
  readonly published?: FoundingTask
}

export interface SimulationReport {
  readonly seed: number
  readonly faults: number
  /** Heights reached in the storm and at the end. */
  readonly stormHeight: number
  readonly height: number
  readonly modelVersion: number
  /** Version of every model at the end, by id. */
  readonly versions: Readonly<Record<string, number>>
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
    ...(options.tasks && { tasks: options.tasks }),
  })
  const faults = drawFaults(new SeededRandom(seed, 4), nodes, stormMs)
  try {
    for (const machine of world.machines) world.bootSoon(machine)
    const start = world.clock.now()
    for (const fault of faults) {
      await world.run(start + fault.at - world.clock.now())
      inflict(world, fault)
      await publishOnce(world, options.published)
      world.assertSafe()
    }
    await world.run(start + stormMs - world.clock.now())
    world.assertSafe()
    const stormHeight = world.checker.highest
    healWires(world)
    await demandProgress(world, stormHeight + REQUIRED_PROGRESS, healMs)
    if (options.published) await demandModels(world, options.published, healMs)
    return {
      seed,
      faults: faults.length,
      stormHeight,
      height: world.checker.highest,
      modelVersion: Math.max(...world.running.map(({ node }) => node!.state.models.get('tiny')!.version)),
      versions: versionsOf(world),
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

/** Whoever can pay for it first publishes the model; tried again when the storm swallowed it. */
async function publishOnce(world: World, task: FoundingTask | undefined): Promise<void> {
  if (!task || world.running.some(({ node }) => node!.state.models.has(task.id))) return
  const machine = world.running.find(({ node }) => canPublish(node!))
  if (machine?.node) await publish(machine.node, task)
}

/** The published model must be founded at every node, and every model then have a further version. */
async function demandModels(world: World, task: FoundingTask, withinMs: number): Promise<void> {
  const deadline = world.clock.now() + 2 * withinMs
  let before: Readonly<Record<string, number>> | null = null
  while (world.clock.now() < deadline) {
    await publishOnce(world, task)
    await world.run(1_000)
    world.assertSafe()
    const models = world.running.map(({ node }) => node!.state.models.get(task.id))
    if (!models.every(model => model && model.parameters !== ZERO_HASH)) continue
    const versions = versionsOf(world)
    before ??= versions
    if (Object.entries(before).every(([id, version]) => versions[id]! > version)) return
  }
  const versions = JSON.stringify(versionsOf(world))
  throw new Violation(`not every model went on within ${2 * withinMs} ms of healing: versions ${versions}`)
}

/** What the node that is behind the most has. */
function versionsOf(world: World): Record<string, number> {
  const [last] = world.running.map(({ node }) => node!.state).sort((a, b) => a.height - b.height)
  return Object.fromEntries([...last!.models].map(([id, { version }]) => [id, version]))
}
