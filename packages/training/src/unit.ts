import {
  commitmentOf,
  contentIdOf,
  float32Bits,
  fromHex,
  type Hash,
  type Recipe,
  replayKeyHashOf,
  taggedHash,
} from '@hydraai/core'
import { assertFinite, type Model } from '@hydraai/engine'
import { type Assignment, assignUnit, type UnitId } from './assignment.ts'
import { type Dataset, strataOf } from './dataset.ts'
import { innerOptimizer } from './optimizer.ts'
import { replayKeyOf, traceLeaf, traceRootOf } from './proof.ts'
import { samplesOf } from './samples.ts'
import { finiteLoss, scoreSamples } from './score.ts'
import { encodeUpdate } from './updateCodec.ts'

/** Called after every step of a unit: `step` of `steps` are done, the last with `loss` before it. */
export type OnStep = (progress: { readonly step: number; readonly steps: number; readonly loss: number }) => void

/** What a unit is computed from. `model` is compiled for `recipe.batchSize`; `parameters` are those of the round. */
export interface UnitJob {
  readonly id: UnitId
  readonly model: Model
  readonly dataset: Dataset
  readonly parameters: Float32Array
  readonly recipe: Recipe
  readonly onStep?: OnStep
}

/** What comes out of a unit's steps. Losses are float32 values, means over the probe. */
export interface UnitResult {
  readonly theta: Float32Array
  readonly lossBefore: number
  readonly lossAfter: number
  /** Parameters after every `traceEvery` steps and after the last. */
  readonly leaves: readonly Hash[]
  readonly traceRoot: Hash
  /** A secret of whoever has done the steps until the round settles. */
  readonly replayKey: Hash
}

/** What a trainer commits, reveals and settles with. Losses are the uint32 bits of a float32. */
export interface TrainedUnit {
  readonly payload: Uint8Array
  readonly payloadId: Hash
  readonly traceRoot: Hash
  readonly replayKey: Hash
  readonly replayKeyHash: Hash
  readonly commitment: Hash
  readonly lossBefore: number
  readonly lossAfter: number
}

/**
 * The steps of a unit from `parameters` with a fresh optimiser: the same inputs give the same bits on every machine.
 * Leaves `model` holding theta. Throws NON_FINITE when training diverges.
 */
export function runUnit(job: Omit<UnitJob, 'id'> & { readonly assignment: Assignment }): UnitResult {
  const { model, dataset, parameters, assignment, recipe, onStep } = job
  model.setParameters(parameters)
  model.useOptimizer(innerOptimizer(recipe))
  model.useSeed(taggedHash('hydra/dropout/1', fromHex(assignment.seed)))
  const probeLoss = (): number => scoreSamples(model, dataset, assignment.probe, recipe.batchSize).loss

  const lossBefore = probeLoss()
  const losses: number[] = []
  const leaves: Hash[] = []
  const steps = assignment.batches.length
  for (const batch of assignment.batches) {
    const { x, y } = samplesOf(dataset, batch)
    const loss = finiteLoss(model.trainStep(x, y))
    losses.push(loss)
    const step = losses.length
    if (step % recipe.traceEvery === 0 || step === steps) leaves.push(traceLeaf(step, model.getParameters()))
    onStep?.({ step, steps, loss })
  }
  const theta = model.getParameters()
  assertFinite(theta, 'the trained parameters')
  const lossAfter = probeLoss()
  return {
    theta,
    lossBefore,
    lossAfter,
    leaves,
    traceRoot: traceRootOf(leaves),
    replayKey: replayKeyOf(losses, leaves),
  }
}

/** Does a unit and makes everything its trainer will send. Throws NON_FINITE when training diverges. */
export function trainUnit(job: UnitJob): TrainedUnit {
  const assignment = assignUnit({ ...job.id, recipe: job.recipe, strata: strataOf(job.dataset) })
  const { theta, lossBefore, lossAfter, traceRoot, replayKey } = runUnit({ ...job, assignment })
  const payload = encodeUpdate(job.parameters, theta)
  const payloadId = contentIdOf(payload)
  return {
    payload,
    payloadId,
    traceRoot,
    replayKey,
    replayKeyHash: replayKeyHashOf(replayKey),
    commitment: commitmentOf({ trainer: job.id.trainer, payload: payloadId, traceRoot }),
    lossBefore: float32Bits(lossBefore),
    lossAfter: float32Bits(lossAfter),
  }
}
