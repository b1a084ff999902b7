import { accountOf } from '@hydraai/ledger'
import { InlineCompute } from '@hydraai/node'
import { engineWasm } from '../engineWasm.ts'
import { SeededRandom } from '../seededRandom.ts'
import { World } from '../world.ts'
import { Acts } from './acts.ts'
import type { Attack, Part, Stage } from './attack.ts'
import { Forge } from './forge.ts'
import { RUN_MS, type Scene, type SceneName, STAKES, type Stance, sceneOf, TRUSTED_REPUTATION } from './scenes.ts'
import { MODEL, trialTask } from './task.ts'
import { wealthOf } from './wealth.ts'

/** How a run stood at its end. */
export interface Ending {
  /** What the attackers' machines held together, in micro-HYDRA. */
  readonly wealth: bigint
  /** Share of the held-out samples that the model gets right, on average over the blocks of the last third of the run. */
  readonly accuracy: number
  /** Acts that were judged, and which was the first to be caught. */
  readonly acts: number
  readonly firstCaught: number | null
}

export interface Performance {
  readonly scene: SceneName
  readonly stance: Stance
  readonly seed: number
  /** Null: everybody is honest, and the machines that would attack are too. */
  readonly attack: Attack | null
  /** Simulated time; what is usual for the stance unless given. */
  readonly runMs?: number
}

/** Founders agree on blocks a second apart, and rounds are short: a run sees many. */
export const PHASES = { work: 3, workLimit: 20, reveal: 3, base: 6, verify: 12, disclose: 3, aggregate: 30 }
/** What the jobs of a task so small take on a machine. */
export const DURATIONS = { trainMs: 60, verifyMs: 15, aggregateMs: 50 }
/** Who is honest in every scene, and whose chain is watched. */
const WITNESS = 0

/** Runs a network of real nodes to its end. The same question gives the same answer on every machine. */
export async function perform(performance: Performance): Promise<Ending> {
  const { stance, seed, attack, runMs = RUN_MS[stance] } = performance
  const scene = sceneOf(performance.scene)
  const acts = new Acts()
  const traitors = new Set<number>()
  const stage: Stage = {
    get world() {
      return world
    },
    stance,
    acts,
    get attackers() {
      return scene.attackers.map(index => world.machines[index]!)
    },
    random: new SeededRandom(seed, 11),
    forge: new Forge(engineWasm),
    betrays: index => {
      if (stance === 'trusted' && !traitors.has(index) && !isTrusted(world, index)) return false
      traitors.add(index)
      return true
    },
  }
  const part: Part = attack?.play(stage) ?? {}
  const world: World = await createWorld(scene, stance, seed, part)
  for (const machine of world.machines) if (part.startsAtOnce?.(machine.index) ?? true) await world.boot(machine)
  const witness = world.machines[WITNESS]!.node!
  const judgedFrom = world.clock.now() + (runMs * 2) / 3
  const accuracies: number[] = []
  witness.chain.committed.add(block => {
    part.onBlock?.(block)
    const { correct, total } = block.state.models.get(MODEL)!.evaluation
    if (world.clock.now() >= judgedFrom) accuracies.push(correct / total)
  })
  await world.runSafely(runMs)
  const { state } = witness
  return {
    wealth: scene.attackers.reduce((sum, index) => sum + wealthOf(state, world.machines[index]!.address), 0n),
    accuracy: accuracies.reduce((sum, accuracy) => sum + accuracy, 0) / Math.max(1, accuracies.length),
    acts: acts.judged,
    firstCaught: acts.firstCaught,
  }
}

function createWorld(scene: Scene, stance: Stance, seed: number, part: Part) {
  const { attackers, founders, newcomers, recipe, stakeOf } = scene
  const attacks = new Set(attackers)
  return World.create({
    seed,
    nodes: founders,
    newcomers,
    wasm: engineWasm,
    tasks: [trialTask(recipe)],
    parameters: { phases: PHASES },
    compute: ({ bench, clock }) => new InlineCompute({ bench, clock, durations: DURATIONS }),
    stake: index => stakeOf?.(index, STAKES[stance]) ?? STAKES[stance],
    tamper: index => (attacks.has(index) ? part.tamper?.(index) : undefined),
    actor: index => (attacks.has(index) ? part.actor?.(index) : null),
  })
}

function isTrusted(world: World, index: number): boolean {
  const { node } = world.machines[WITNESS]!
  return accountOf(node!.state, world.machines[index]!.address).reputation >= TRUSTED_REPUTATION
}
