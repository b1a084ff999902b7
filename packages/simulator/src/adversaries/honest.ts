import { InlineCompute } from '@hydraai/node'
import { engineWasm } from '../engineWasm.ts'
import { drawFaults } from '../faults/drawFaults.ts'
import { heal, inflict } from '../faults/inflict.ts'
import { SeededRandom } from '../seededRandom.ts'
import { World } from '../world.ts'
import { DURATIONS, PHASES } from './perform.ts'
import { trialTask } from './task.ts'

/** What became of the units of a world in which everybody is honest and much goes wrong. */
export interface HonestTally {
  readonly accepted: number
  /** Not paid and not blamed: nobody could say in time whether it was right, or its trainer was away when it had to open it. */
  readonly expired: number
  readonly refuted: number
  readonly disputed: number
  /** Faults inflicted. */
  readonly faults: number
  /** Versions of the model that were computed anew from the accepted updates, and agreed. */
  readonly versions: number
}

const FOUNDERS = 5
const STORMS = 3
const STORM_MS = 25_000
const CALM_MS = 35_000

/**
 * Runs a network through storms of faults (lost messages, partitions, crashes in the midst of a write, full disks, clocks that
 * jump) with calm between them, as many as `storms` says. @throws Violation when an honest unit is refuted, or anybody honest is punished
 */
export async function honestWorld(seed: number, storms = STORMS): Promise<HonestTally> {
  const world = await World.create({
    seed,
    nodes: FOUNDERS,
    wasm: engineWasm,
    tasks: [trialTask()],
    parameters: { phases: PHASES },
    maxSkewMs: 200,
    compute: ({ bench, clock }) => new InlineCompute({ bench, clock, durations: DURATIONS }),
  })
  for (const machine of world.machines) world.bootSoon(machine)
  world.watch()
  const random = new SeededRandom(seed, 12)
  let faults = 0
  await world.runSafely(CALM_MS)
  for (let storm = 0; storm < storms; storm++) {
    faults += await runStorm(world, random)
    await world.runSafely(CALM_MS)
  }
  return { ...world.checker.work.tally, faults, versions: world.checker.aggregationsChecked }
}

async function runStorm(world: World, random: SeededRandom): Promise<number> {
  const faults = drawFaults(random, { machines: FOUNDERS, forMs: STORM_MS, mayFlip: [] })
  const start = world.clock.now()
  world.storming = true
  world.calm = false
  for (const fault of faults) {
    await world.runSafely(start + fault.at - world.clock.now())
    inflict(world, fault)
  }
  await world.runSafely(start + STORM_MS - world.clock.now())
  heal(world)
  return faults.length
}
