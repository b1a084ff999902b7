import { ACTOR_NAMES, ACTORS, type ActorName } from '../byzantine/roster.ts'
import { engineWasm } from '../engineWasm.ts'
import { type Plan, planOf } from '../plan.ts'
import type { SimulationOptions } from '../simulate.ts'

/** Founders of the worlds: small networks, where what goes wrong goes wrong soon, and where two thirds can be exact. */
const SIZES = [4, 6, 4, 7]
/** How long the adversary alone rules, and the bound on what then follows: a late polka may cost a round, not many. */
const ALONE_MS = 30_000
const ALONE_HEAL_MS = 45_000

/**
 * The world of a seed in which mutants are looked for. The product as it is must pass in all of them. In turn: the storm of
 * every simulation with and without Byzantine machines; and no storm, but an adversary that has the network to itself.
 */
export function smallWorld(seed: number): SimulationOptions {
  const turn = seed % 4
  const nodes = SIZES[Math.floor(seed / 4) % SIZES.length]!
  const shared = { seed, wasm: engineWasm, actorOf: (kind: string) => ACTORS[kind as ActorName]() }
  const drawn = (actors: readonly ActorName[]) => planOf({ seed, nodes, trains: false, actors })
  if (turn === 1) return { ...shared, plan: drawn([]) }
  if (turn === 3) return { ...shared, plan: drawn(ACTOR_NAMES) }
  return { ...shared, plan: alone(drawn([turn === 2 ? 'isolator' : 'hide-polka'])) }
}

function alone(plan: Plan): Plan {
  return { ...plan, faults: [], stormMs: ALONE_MS, healMs: ALONE_HEAL_MS }
}
