/**
 * The parts of a dispute about an update. The parties show the hashes of their states at a few steps until one step is
 * left on which they disagree; then everybody takes that step alone, or seals the last state again.
 */
import { contentIdOf, type Hash, ZERO_HASH } from '@hydraai/core'
import { type SealingJob, sealUnit } from './sealing.ts'
import { beginUnit, type StepsJob, unless, unlessDiverged } from './steps.ts'
import { decodeState, stateHashesOf } from './trace.ts'

/**
 * The hashes of a unit's states after each of `steps`, which ascend from 0 to `recipe.stepsPerUnit`. A state that is no finite
 * numbers, and all that would come after it, has ZERO_HASH.
 */
export function statesAt(job: StepsJob, steps: readonly number[]): Hash[] {
  const hashes: Hash[] = []
  unlessDiverged(() => {
    const run = beginUnit(job, steps.at(-1) ?? 0)
    for (const step of steps) {
      while (run.done < step) run.step()
      hashes.push(stateHashesOf(run.state()).leaf)
    }
  })
  while (hashes.length < steps.length) hashes.push(ZERO_HASH)
  return hashes
}

/** A unit's state after `step` steps, as it is fetched by whoever has to judge the next. Throws NON_FINITE. */
export function stateBytesAt(job: StepsJob, step: number): Uint8Array {
  const run = beginUnit(job, step)
  while (run.done < step) run.step()
  return run.state()
}

/**
 * The hash of the state after `to` steps. `state` is the state after `from` steps, null for the start of a unit. Null: nothing
 * follows, because a step diverges or `state` is none of this model after so many steps.
 */
export function runSteps(job: StepsJob, state: Uint8Array | null, from: number, to: number): Hash | null {
  const start = state === null ? null : decodeState(state, job.parameters.length, from)
  if (state === null ? from !== 0 : start === null) return null
  return unlessDiverged(() => {
    const run = beginUnit(job, to, start)
    while (run.done < to) run.step()
    return stateHashesOf(run.state()).leaf
  })
}

/** {@link runSteps} for the one step that follows `step` steps. */
export function runOneStep(job: StepsJob, state: Uint8Array | null, step: number): Hash | null {
  return runSteps(job, state, step, step + 1)
}

/**
 * What a trainer who came to `state` after the last step had to reveal, given the leaves of its trace. ZERO_HASH, which
 * no content has: nothing can be sealed from that state.
 */
export function sealAgain(
  job: SealingJob,
  state: Uint8Array,
  leaves: readonly Hash[],
): { payload: Hash; residual: Hash | null } {
  const from = decodeState(state, job.parameters.length, job.recipe.stepsPerUnit)
  const sealed = from && unless(['NON_FINITE', 'UPDATE_INVALID'], () => sealUnit(job, from.parameters, leaves))
  if (sealed === null) return { payload: ZERO_HASH, residual: null }
  const { payload, residual } = sealed
  return { payload: contentIdOf(payload), residual: residual === null ? null : contentIdOf(residual) }
}
