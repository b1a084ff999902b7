import { ACTOR_NAMES, ACTORS, type ActorName } from '../byzantine/roster.ts'
import { type Plan, planOf } from '../plan.ts'
import { type SimulationReport, simulate } from '../simulate.ts'
import { type PromiseName, Violation } from '../violation.ts'

/** Which seeds have Byzantine machines. */
export const BYZANTINE_MODES = ['some', 'all', 'none'] as const
export type ByzantineMode = (typeof BYZANTINE_MODES)[number]
const SOME = 3

/** What may be said beside the seed; a replay must say the same. */
export interface SeedOptions {
  readonly nodes?: number
  readonly byzantine: ByzantineMode
}

export type Outcome =
  | { readonly type: 'held'; readonly report: SimulationReport }
  | { readonly type: 'violated'; readonly promise: PromiseName; readonly finding: string }

/** The plan of a seed as the command line runs it. */
export function planOfSeed(seed: number, { nodes, byzantine }: SeedOptions): Plan {
  const hasByzantine = byzantine === 'all' || (byzantine === 'some' && seed % SOME === 0)
  return planOf({ seed, actors: hasByzantine ? ACTOR_NAMES : [], ...(nodes !== undefined && { nodes }) })
}

/** Runs a plan to its end, or to the first promise that breaks. Whatever else goes wrong breaks one too. */
export async function runPlan(plan: Plan, wasm: Uint8Array): Promise<Outcome> {
  try {
    const actorOf = (kind: string) => ACTORS[kind as ActorName]()
    return { type: 'held', report: await simulate({ seed: plan.seed, plan, wasm, actorOf }) }
  } catch (error) {
    if (error instanceof Violation) return { type: 'violated', promise: error.promise, finding: error.finding }
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return { type: 'violated', promise: 'process', finding: text }
  }
}

/** What makes the same run again. */
export function replayCommand(seed: number, { nodes, byzantine }: SeedOptions): string {
  const flags = [
    nodes === undefined ? '' : ` --nodes ${nodes}`,
    byzantine === 'some' ? '' : ` --byzantine ${byzantine}`,
  ]
  return `npm run simulate -- --from ${seed} --seeds 1${flags.join('')}`
}
