import { type Hash, taggedHash, utf8, ZERO_HASH } from '@hydraai/core'
import type { FoundingTask, Logger } from '@hydraai/node'
import type { Actor } from './actor.ts'
import type { FaultType } from './faults/fault.ts'
import { heal, inflict } from './faults/inflict.ts'
import { Load } from './load.ts'
import { type Plan, type PlanOptions, parametersOf, planOf, riskyOf } from './plan.ts'
import { canPublish, publish } from './publishing.ts'
import { Violation } from './violation.ts'
import { World } from './world.ts'

export interface SimulationOptions extends PlanOptions {
  readonly wasm: Uint8Array
  /** Run in place of what the seed stands for. */
  readonly plan?: Plan
  /** Makes the actor of a kind that the plan names. */
  readonly actorOf?: (kind: string) => Actor
  readonly logger?: (id: string) => Logger
  /** The models of genesis: one tiny model unless given. */
  readonly tasks?: readonly FoundingTask[]
  /** A model that somebody publishes amid the storm; after healing it must be founded, and every model go on. */
  readonly published?: FoundingTask
}

export interface SimulationReport {
  readonly seed: number
  readonly machines: number
  /** Faults inflicted, by kind. */
  readonly faults: Readonly<Partial<Record<FaultType, number>>>
  /** Kinds of the Byzantine machines. */
  readonly byzantine: readonly string[]
  /** Heights reached in the storm and at the end. */
  readonly stormHeight: number
  readonly height: number
  /** Transactions that clients and validators had taken. */
  readonly transactions: number
  /** Version of every model at the end, by id. */
  readonly versions: Readonly<Record<string, number>>
  readonly simulatedMs: number
  /** Equal for equal seeds. */
  readonly history: Hash
}

/** Blocks that must follow once everything has healed. */
const REQUIRED_PROGRESS = 5

/**
 * Tries to break safety, then heals the network and demands liveness.
 *
 * @throws Violation of the first promise that was broken
 */
export async function simulate(options: SimulationOptions): Promise<SimulationReport> {
  const plan = options.plan ?? planOf(options)
  const world = await worldOf(plan, options)
  const load = plan.trains ? null : new Load(world, { seed: plan.seed, risky: riskyOf(plan) })
  for (const machine of world.machines) world.bootSoon(machine)
  world.watch()
  load?.start()
  const start = world.clock.now()
  for (const fault of plan.faults) {
    await world.runSafely(start + fault.at - world.clock.now())
    inflict(world, fault)
    await publishOnce(world, options.published)
  }
  await world.runSafely(start + plan.stormMs - world.clock.now())
  const stormHeight = world.checker.highest
  heal(world)
  await demandProgress(world, stormHeight + REQUIRED_PROGRESS, plan.healMs)
  world.checker.assertSlashed(stormHeight)
  if (options.published) await demandModels(world, options.published, plan.healMs)
  return {
    seed: plan.seed,
    machines: world.machines.length,
    faults: countFaults(plan),
    byzantine: plan.byzantine.map(({ kind }) => kind),
    stormHeight,
    height: world.checker.highest,
    transactions: load?.sent ?? 0,
    versions: versionsOf(world),
    simulatedMs: world.clock.now() - start,
    history: taggedHash(world.checker.history, utf8(String(world.checker.highest))),
  }
}

async function worldOf(plan: Plan, options: SimulationOptions): Promise<World> {
  const { seed, nodes, newcomers, trains, maxSkewMs, byzantine } = plan
  const kinds = new Map(byzantine.map(({ machine, kind }) => [machine, kind]))
  const actorOf = (index: number) => {
    const kind = kinds.get(index)
    if (kind === undefined) return null
    if (!options.actorOf) throw new TypeError(`nobody makes an actor of the kind ${JSON.stringify(kind)}`)
    return options.actorOf(kind)
  }
  return World.create({
    ...{ seed, nodes, newcomers, trains, maxSkewMs, wasm: options.wasm, actor: actorOf },
    parameters: parametersOf(plan),
    ...(options.logger && { logger: options.logger }),
    ...(options.tasks && { tasks: options.tasks }),
  })
}

/** Every honest machine must come back, and commit block `height`. */
async function demandProgress(world: World, height: number, withinMs: number): Promise<void> {
  const honest = world.machines.filter(machine => machine.honest)
  const deadline = world.clock.now() + withinMs
  while (world.clock.now() < deadline) {
    await world.runSafely(1_000)
    if (honest.every(({ node }) => node !== null && node.chain.height >= height)) return
  }
  const heights = honest.map(({ id, node }) => `${id} ${node ? node.chain.height : 'down'}`).join(', ')
  throw new Violation('liveness', `no progress to block ${height} within ${withinMs} ms of healing: ${heights}`)
}

/** Whoever can pay for it first publishes the model; tried again when the storm swallowed it. */
async function publishOnce(world: World, task: FoundingTask | undefined): Promise<void> {
  if (!task || world.running.some(({ node }) => node!.state.models.has(task.id))) return
  const machine = world.running.find(({ node }) => canPublish(node!))
  if (machine?.node) await publish(machine.node, task)
}

/** The published model must be founded at every node, and every model then have a further version. */
async function demandModels(world: World, task: FoundingTask, withinMs: number): Promise<void> {
  const deadline = world.clock.now() + withinMs
  let before: Readonly<Record<string, number>> | null = null
  while (world.clock.now() < deadline) {
    await publishOnce(world, task)
    await world.runSafely(1_000)
    const models = world.running.map(({ node }) => node!.state.models.get(task.id))
    if (!models.every(model => model && model.parameters !== ZERO_HASH)) continue
    const versions = versionsOf(world)
    before ??= versions
    if (Object.entries(before).every(([id, version]) => versions[id]! > version)) return
  }
  const versions = JSON.stringify(versionsOf(world))
  throw new Violation('models', `not every model went on within ${withinMs} ms of healing: versions ${versions}`)
}

/** What the node that is behind the most has. */
function versionsOf(world: World): Record<string, number> {
  const [last] = world.running.map(({ node }) => node!.state).sort((a, b) => a.height - b.height)
  return Object.fromEntries([...last!.models].map(([id, { version }]) => [id, version]))
}

function countFaults({ faults }: Plan): Partial<Record<FaultType, number>> {
  const counts: Partial<Record<FaultType, number>> = {}
  for (const { type } of faults) counts[type] = (counts[type] ?? 0) + 1
  return counts
}
