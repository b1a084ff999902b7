import type { Address, Evaluation, Hash, Recipe } from '@hydraai/core'
import type { OnStep, TrainedUnit, UnitClaim, UnitId, Verdict } from '@hydraai/training'
import type { AnswerCompute } from './answering.ts'

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

/** What a published model is founded from; `seed` is the ledger's foundingSeed. */
export interface FoundJob {
  readonly document: Hash
  readonly data: Hash
  readonly recipe: Recipe
  readonly seed: Hash
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

/** None for a model of something else than images. */
export interface Predictions {
  /** Of one image: [channels, height, width]. */
  readonly shape: readonly number[]
  readonly classNames: readonly string[]
  readonly samples: readonly Prediction[]
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
export interface Compute extends AnswerCompute {
  /** Hands over a model document or a dataset once; jobs then name it by its hash. */
  provide(id: Hash, bytes: Uint8Array): Promise<void>
  /** Lets go of what was provided. A job that names it fails with COMPUTE_DOCUMENT_MISSING from then on. */
  forget(id: Hash): Promise<void>
  train(job: TrainJob, onStep?: OnStep): Promise<TrainedUnit>
  verify(job: VerifyJob, onStep?: OnStep): Promise<Verdict>
  aggregate(job: AggregateJob): Promise<AggregateResult>
  /** @throws HydraError TASK_MISMATCH, MODEL_TOO_LARGE and others: at every node alike */
  found(job: FoundJob): Promise<AggregateResult>
  predict(job: PredictJob): Promise<Predictions>
  usage(): ComputeUsage
  close(): Promise<void>
}
