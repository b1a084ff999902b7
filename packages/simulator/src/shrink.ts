import type { Fault } from './faults/fault.ts'
import type { Plan } from './plan.ts'

/** Room after the last fault for it to show its effect in the storm. */
const AFTERMATH_MS = 1_000

export interface ShrinkOptions {
  /** Whether a plan still breaks the same promise. */
  readonly fails: (plan: Plan) => Promise<boolean>
  /** Plans tried at most. */
  readonly maxRuns?: number
  readonly onStep?: (plan: Plan, runs: number) => void
}

/**
 * A plan that still fails and is as small as was found: delta debugging (Zeller and Hildebrandt's ddmin) over the faults and
 * over the Byzantine machines, then fewer newcomers and founders, a shorter storm, and shorter faults.
 */
export async function shrink(plan: Plan, { fails, maxRuns = 400, onStep }: ShrinkOptions): Promise<Plan> {
  let best = plan
  let runs = 0
  const tries = async (smaller: Plan): Promise<boolean> => {
    if (runs >= maxRuns) return false
    runs++
    if (!(await fails(smaller))) return false
    best = smaller
    onStep?.(best, runs)
    return true
  }
  for (let before: Plan | null = null; before !== best && runs < maxRuns; ) {
    before = best
    await minimise(
      () => best.faults,
      faults => tries({ ...best, faults }),
    )
    await minimise(
      () => best.byzantine,
      byzantine => tries({ ...best, byzantine }),
    )
    while (best.newcomers > 0 && (await tries({ ...best, newcomers: best.newcomers - 1 })));
    while (best.nodes > 1 && (await tries(withoutLast(best))));
    await tries({
      ...best,
      stormMs: Math.min(best.stormMs, Math.max(0, ...best.faults.map(({ at }) => at)) + AFTERMATH_MS),
    })
    for (let i = 0; i < best.faults.length; i++) {
      for (let milder = milderOf(best.faults[i]!); milder !== null; milder = milderOf(best.faults[i]!))
        if (!(await tries({ ...best, faults: best.faults.with(i, milder) }))) break
    }
  }
  return best
}

/** ddmin: keeps taking away parts of the list, from halves down to single items, as long as what is left still fails. */
async function minimise<T>(items: () => readonly T[], tries: (rest: T[]) => Promise<boolean>): Promise<void> {
  for (let parts = 1; items().length > 0; ) {
    const list = items()
    const size = Math.ceil(list.length / parts)
    let taken = false
    for (let from = 0; from < list.length && !taken; from += size)
      taken = await tries([...list.slice(0, from), ...list.slice(from + size)])
    if (taken) parts = Math.max(1, parts - 1)
    else if (size === 1) return
    else parts = Math.min(list.length, 2 * parts)
  }
}

/** The founders but the last; what hits a machine that is not there any more hits none. */
function withoutLast(plan: Plan): Plan {
  const nodes = plan.nodes - 1
  return { ...plan, nodes, byzantine: plan.byzantine.filter(({ machine }) => machine < nodes) }
}

/** The same fault at half its length; null where there is nothing to halve. */
function milderOf(fault: Fault): Fault | null {
  if ('downMs' in fault && fault.downMs > 100) return { ...fault, downMs: Math.floor(fault.downMs / 2) }
  if ('forMs' in fault && fault.forMs > 100) return { ...fault, forMs: Math.floor(fault.forMs / 2) }
  return null
}
