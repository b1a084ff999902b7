import { ACTOR_NAMES, ACTORS, type ActorName } from '../byzantine/roster.ts'
import { engineWasm } from '../engineWasm.ts'
import type { SimulationOptions } from '../simulate.ts'

/** Founders of the worlds by seed: small ones, where what goes wrong goes wrong soon, and where two thirds can be exact. */
const SIZES = [4, 5, 4, 6, 7, 4]

/**
 * The world of a seed in which mutants are looked for: the storms of every simulation over networks of four to seven, with
 * Byzantine machines in every other one. The product as it is must pass in all of them.
 */
export function smallWorld(seed: number): SimulationOptions {
  return {
    seed,
    nodes: SIZES[seed % SIZES.length]!,
    trains: false,
    wasm: engineWasm,
    actors: seed % 2 === 0 ? ACTOR_NAMES : [],
    actorOf: kind => ACTORS[kind as ActorName](),
  }
}
