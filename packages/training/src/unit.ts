import { commitmentOf, contentIdOf, type Hash, sealOf, segmentKeysRoot, segmentsOf } from '@hydraai/core'
import { lossBitsOf } from './losses.ts'
import { decodePayload } from './payload.ts'
import { type SealingJob, sealUnit, updatedBy } from './sealing.ts'
import { type StepsJob, traceUnit } from './steps.ts'
import { traceRootOf } from './trace.ts'

/** A unit of work: what is trained from, with what the trainer's unit before it left. */
export interface UnitJob extends StepsJob, SealingJob {
  /** The round's probe. */
  readonly probe: Int32Array
  /** Bits of the base's loss on `probe`, if they are known already. */
  readonly lossBefore?: number
}

/** What a trainer commits, reveals and opens. Losses are the uint32 bits of a float32, means over the round's probe. */
export interface TrainedUnit {
  readonly payload: Uint8Array
  readonly payloadId: Hash
  readonly traceRoot: Hash
  /** What the compression left over, to be kept for a later unit; null where the recipe keeps none. */
  readonly residual: Uint8Array | null
  readonly residualId: Hash | null
  /** One a segment; secrets of who has done the steps until they are opened. */
  readonly keys: readonly Hash[]
  readonly seal: Hash
  readonly commitment: Hash
  readonly lossBefore: number
  /** Of the base with the payload's update taken from it: what is sent, not what was trained, is what counts. */
  readonly lossAfter: number
}

/**
 * Does a unit and makes everything its trainer will send: the same inputs give the same bits on every machine. Throws
 * NON_FINITE when training diverges, UPDATE_INVALID for a residual of another shape.
 */
export function trainUnit(job: UnitJob): TrainedUnit {
  const { parameters, recipe, probe, model } = job
  const lossBefore = job.lossBefore ?? lossBitsOf(job, parameters, [probe])[0]!
  const trace = [...traceUnit(job, segmentsOf(recipe))]
  const leaves = trace.map(({ leaf }) => leaf)
  const keys = trace.map(({ key }) => key)

  const { payload, residual } = sealUnit(job, model.getParameters(), leaves)
  const { delta } = decodePayload(payload, recipe, parameters.length)
  const lossAfter = lossBitsOf(job, updatedBy(parameters, delta), [probe])[0]!

  const payloadId = contentIdOf(payload)
  const residualId = residual === null ? null : contentIdOf(residual)
  const traceRoot = traceRootOf(leaves)
  return {
    payload,
    payloadId,
    traceRoot,
    residual,
    residualId,
    keys,
    seal: sealOf({ lossBefore, lossAfter, keysRoot: segmentKeysRoot(keys) }),
    commitment: commitmentOf({ trainer: job.id.trainer, payload: payloadId, traceRoot, residual: residualId }),
    lossBefore,
    lossAfter,
  }
}
