import { ACTOR_NAMES, ACTORS, type ActorName } from '../byzantine/roster.ts'
import { engineWasm } from '../engineWasm.ts'
import { type Plan, planOf } from '../plan.ts'
import type { SimulationOptions } from '../simulate.ts'

/** Founders of the worlds: small networks, where what goes wrong goes wrong soon, and where two thirds can be exact. */
const SIZES = [4, 6, 4, 7]
/** When a machine is cut off from all others, loses what its disk held, and is back among them. */
const LONELY = { at: 4_000, flipAt: 7_000, mendAt: 20_000, forMs: 25_000 }
/** How long the adversary alone rules, and the bound on what then follows: a late polka may cost a round, not many. */
const ALONE_MS = 30_000
const ALONE_HEAL_MS = 45_000

/**
 * The world of a seed in which mutants are looked for. The product as it is must pass in all of them. In turn: the storm of
 * every simulation, with and without Byzantine machines; no storm, but an adversary that has the network to itself; and a
 * machine that loses its disk where nobody can tell it what it said before.
 */
export function smallWorld(seed: number): SimulationOptions {
  const turn = seed % 5
  const nodes = SIZES[Math.floor(seed / 5) % SIZES.length]!
  const shared = { seed, wasm: engineWasm, actorOf: (kind: string) => ACTORS[kind as ActorName]() }
  const drawn = (actors: readonly ActorName[]) => planOf({ seed, nodes, trains: false, actors })
  switch (turn) {
    case 0:
      return { ...shared, plan: alone(drawn(['hide-polka'])) }
    case 2:
      return { ...shared, plan: alone(drawn(['isolator'])) }
    case 3:
      return { ...shared, plan: drawn(ACTOR_NAMES) }
    case 4:
      return { ...shared, plan: lonely(drawn([])) }
    default:
      return { ...shared, plan: drawn([]) }
  }
}

function alone(plan: Plan): Plan {
  return { ...plan, faults: [], stormMs: ALONE_MS, healMs: ALONE_HEAL_MS }
}

function lonely(plan: Plan): Plan {
  const machine = plan.seed % plan.nodes
  return {
    ...plan,
    stormMs: LONELY.forMs,
    faults: [
      { type: 'partition', at: LONELY.at, group: [machine] },
      { type: 'flip', at: LONELY.flipAt, machine, downMs: 100, inLog: true, draw: plan.seed * 7_919 },
      { type: 'mend', at: LONELY.mendAt },
    ],
  }
}
