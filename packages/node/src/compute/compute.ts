import type { Address, Evaluation, Hash, Recipe } from '@hydraai/core'
import type { OnStep, TrainedUnit, UnitClaim, UnitId, Verdict } from '@hydraai/training'

/** A model as jobs name it: its documents by hash (see {@link Compute.provide}), its parameters by value. */
export interface ModelInputs {
  readonly document: Hash
  readonly data: Hash
  readonly recipe: Recipe
  /** Encoded parameters, `4 * parameterCount` bytes. */
  readonly parameters: Uint8Array
}

export interface TrainJob extends ModelInputs {
  readonly id: UnitId
}

export interface VerifyJob extends TrainJob {
  readonly claim: UnitClaim
  readonly payload: Uint8Array
  readonly verifier: Address
}

export interface AggregateJob extends ModelInputs {
  readonly momentum: Uint8Array
  /** In the order of the ledger. */
  readonly payloads: readonly Uint8Array[]
}

export interface AggregateResult {
  readonly parameters: Uint8Array
  readonly momentum: Uint8Array
  readonly evaluation: Evaluation
}

/** A held-out sample with what the model says of it. */
export interface Prediction {
  readonly index: number
  readonly pixels: Uint8Array
  readonly label: number
  readonly predicted: number
  /** Softmax of the logits, for people to look at; nothing is decided by it. */
  readonly confidence: readonly number[]
}

export interface PredictJob {
  readonly document: Hash
  readonly data: Hash
  readonly parameters: Uint8Array
  /** Positions in the held-out part. */
  readonly samples: readonly number[]
}

/** CPU milliseconds spent so far, by purpose. */
export interface ComputeUsage {
  readonly trainingMs: number
  readonly verifyingMs: number
  readonly otherMs: number
}

/** Where the heavy work is done: worker threads in a node, inline under the simulator. */
export interface Compute {
  /** Hands over a model document or a dataset once; jobs then name it by its hash. */
  provide(id: Hash, bytes: Uint8Array): Promise<void>
  train(job: TrainJob, onStep?: OnStep): Promise<TrainedUnit>
  verify(job: VerifyJob, onStep?: OnStep): Promise<Verdict>
  aggregate(job: AggregateJob): Promise<AggregateResult>
  predict(job: PredictJob): Promise<Prediction[]>
  usage(): ComputeUsage
  close(): Promise<void>
}
