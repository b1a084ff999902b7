import { fromHex, HydraError, type Recipe, taggedHash } from '@hydraai/core'
import type { Model } from '@hydraai/engine'
import { assignUnit, type UnitId } from './assignment.ts'
import { type Dataset, strataOf } from './dataset.ts'
import { innerOptimizer } from './optimizer.ts'
import { samplesOf } from './samples.ts'
import { finiteLoss } from './score.ts'
import { encodeState, type StateHashes, stateHashesOf, type UnitState } from './trace.ts'

/** Called after every step of a unit: `step` of `steps` are done, the last with `loss` before it. */
export type OnStep = (progress: { readonly step: number; readonly steps: number; readonly loss: number }) => void

/** What the steps of a unit are computed from. `model` is compiled for `recipe.batchSize`. */
export interface StepsJob {
  readonly id: UnitId
  readonly model: Model
  readonly dataset: Dataset
  /** The base of the round, `[count]`. */
  readonly parameters: Float32Array
  readonly recipe: Recipe
  readonly onStep?: OnStep
}

/** A unit on the way. It lives in its model: whatever else uses that ends it. */
export interface UnitRun {
  /** Steps done. */
  readonly done: number
  /** Takes the next step. Throws NON_FINITE when its loss is no finite number. */
  step(): void
  /** Where it has come to, as {@link encodeState} writes it. Throws NON_FINITE. */
  state(): Uint8Array
}

/**
 * A unit at its start, from the base with a fresh optimiser, or at a state on its way: the same inputs give the same bits on
 * every machine. `until`: the step up to which it is meant to go, for who watches it.
 */
export function beginUnit(job: StepsJob, until: number, from: UnitState | null = null): UnitRun {
  const { model, dataset, recipe, onStep } = job
  const { seed, batches } = assignUnit({ ...job.id, recipe, strata: strataOf(dataset) })
  model.setParameters(from?.parameters ?? job.parameters)
  model.useOptimizer(innerOptimizer(recipe))
  model.useSeed(taggedHash('hydra/dropout/1', fromHex(seed)))
  if (from !== null) model.setOptimizerState({ step: from.step, state: from.moments })
  let done = from?.step ?? 0
  return {
    get done() {
      return done
    },
    step() {
      const { x, y } = samplesOf(dataset, batches[done]!)
      const loss = finiteLoss(model.trainStep(x, y))
      done++
      onStep?.({ step: done, steps: until, loss })
    },
    state: () =>
      encodeState({ step: done, parameters: model.getParameters(), moments: model.getOptimizerState().state }),
  }
}

/** Where segment `segment` of a unit ends: a number of steps. */
export function segmentEnd({ stepsPerUnit, traceEvery }: Recipe, segment: number): number {
  return Math.min((segment + 1) * traceEvery, stepsPerUnit)
}

/**
 * The hashes at the ends of the first `segments` segments of a unit, one after another, as they are computed; `model` then
 * holds the parameters of the last one. Throws NON_FINITE when the segment that comes next diverges.
 */
export function* traceUnit(job: StepsJob, segments: number): Generator<StateHashes, void, undefined> {
  const run = beginUnit(job, segmentEnd(job.recipe, segments - 1))
  for (let segment = 0; segment < segments; segment++) {
    const end = segmentEnd(job.recipe, segment)
    while (run.done < end) run.step()
    yield stateHashesOf(run.state())
  }
}

/** What `compute` gives, or null when it comes upon numbers that are not finite: then nobody can have done it. */
export function unlessDiverged<T>(compute: () => T): T | null {
  return unless(['NON_FINITE'], compute)
}

/** What `compute` gives, or null when it throws one of these. */
export function unless<T>(codes: readonly string[], compute: () => T): T | null {
  try {
    return compute()
  } catch (error) {
    if (error instanceof HydraError && codes.includes(error.code)) return null
    throw error
  }
}
