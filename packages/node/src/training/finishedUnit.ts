import {
  type Address,
  hash,
  type Infer,
  list,
  MAX_SEGMENTS,
  nullable,
  struct,
  uint,
  uintMax,
  vrfProof,
} from '@hydraai/core'
import type { TrainedUnit } from '@hydraai/training'
import type { TrainJob } from '../compute/compute.ts'

const bits = uintMax(0xffffffff)

/** What a trainer must remember of a unit from commit to settlement, through any restart. */
export const finishedUnitCodec = struct({
  payload: hash,
  payloadBytes: uint,
  traceRoot: hash,
  /** What its compression took from the units before it, and what it leaves to those after. */
  residualBefore: nullable(hash),
  residual: nullable(hash),
  commitment: hash,
  seal: hash,
  /** What the seal holds. */
  lossBefore: bits,
  lossAfter: bits,
  keys: list(hash, { max: MAX_SEGMENTS }),
  /** The truth about a claim that was planted to find out who copies; null for a claim that is true. */
  planted: nullable(struct({ lossAfter: bits, proof: vrfProof })),
})
export type FinishedUnit = Infer<typeof finishedUnitCodec>

/** A finished unit with its blobs and its trainer, as an adversary sees it before it is sent. */
export type TamperedUnit = FinishedUnit & {
  readonly trainer: Address
  readonly bytes: Uint8Array
  readonly residualBytes: Uint8Array | null
}

/** What an adversary has to make another unit with: the real job, and the real training. */
export interface UnitMeans {
  readonly job: TrainJob
  train(job: TrainJob): Promise<TrainedUnit>
}

export type TamperUnit = (unit: TamperedUnit, means: UnitMeans) => Promise<TamperedUnit>
