import { type Evaluation, type Findings, type Hash, HydraError, type Recipe } from '@hydraai/core'
import type { RulingAnswer } from '@hydraai/ledger'
import type { OnStep, TrainedUnit, UnitClaim, UnitId } from '@hydraai/training'
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
  /** What the trainer's compression left over in the lane of this unit, encoded; null for none. */
  readonly residual: Uint8Array | null
  /** Float32 bits of the base's loss on the round's probe, when they are known: the same for all units of the round. */
  readonly lossBefore?: number
}

export interface CheckJob extends TrainJob {
  /** The beacon that drew the round's verifiers: the fresh probe follows from it. */
  readonly drawBeacon: Hash
  readonly claim: UnitClaim
  readonly payload: Uint8Array
  /** Float32 bits of the model's held-out loss, as the chain has it. */
  readonly heldOutLoss: number
  /** How many of the unit's segments to replay from the start; 0 for a light check, which needs no residual. */
  readonly segments: number
  /** As `lossBefore`, on the fresh probe. */
  readonly freshBefore?: number
}

/** What all validators compute to decide a dispute. States and leaves are those that the chain names by their hashes. */
export type RulingJob =
  | { readonly type: 'findings'; readonly check: CheckJob }
  | {
      readonly type: 'seal'
      readonly unit: TrainJob
      readonly state: Uint8Array
      /** Of the whole trace. */
      readonly leaves: readonly Hash[]
    }
  | { readonly type: 'key'; readonly state: Uint8Array }
  | {
      readonly type: 'step'
      readonly unit: TrainJob
      /** The state after `from` steps; null for the round's base with a fresh optimiser. */
      readonly before: Uint8Array | null
      readonly from: number
      readonly to: number
    }

export interface AggregateJob extends ModelInputs {
  readonly momentum: Uint8Array
  /** In the order of the ledger. */
  readonly payloads: readonly Uint8Array[]
}

export interface NextState {
  readonly parameters: Uint8Array
  readonly momentum: Uint8Array
}

export interface EvaluateJob {
  readonly document: Hash
  readonly data: Hash
  readonly parameters: Uint8Array
}

/** A model's first state, with its score. */
export interface FoundResult extends NextState {
  readonly evaluation: Evaluation
}

/** A payload somebody revealed, to be read. */
export interface ReadJob {
  readonly document: Hash
  readonly recipe: Recipe
  readonly payload: Uint8Array
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

/** CPU milliseconds spent so far, by purpose. A check that is to replay counts as replaying as a whole. */
export interface ComputeUsage {
  readonly trainingMs: number
  readonly checkingMs: number
  readonly replayingMs: number
  readonly otherMs: number
}

/** Where the heavy work is done: worker threads in a node, inline under the simulator. */
export interface Compute extends AnswerCompute {
  /** Hands over a model document or a dataset once; jobs then name it by its hash. */
  provide(id: Hash, bytes: Uint8Array): Promise<void>
  /** Lets go of what was provided. A job that names it fails with COMPUTE_DOCUMENT_MISSING from then on. */
  forget(id: Hash): Promise<void>
  /** @throws HydraError COMPUTE_STOPPED when `signal` aborts before the end; {@link check} as well */
  train(job: TrainJob, onStep?: OnStep, signal?: AbortSignal): Promise<TrainedUnit>
  /** A light check, and a replay of as many segments as the job says; of all when it says any and the update is suspicious. */
  check(job: CheckJob, onStep?: OnStep, signal?: AbortSignal): Promise<Findings>
  /** Hashes of the unit's states after each of `steps`, ascending. */
  states(job: TrainJob, steps: readonly number[]): Promise<Hash[]>
  /** The unit's state after `step` steps, as bytes. */
  state(job: TrainJob, step: number): Promise<Uint8Array>
  rule(job: RulingJob): Promise<RulingAnswer>
  /** The float64 norm of the update in the payload; null when it cannot be read. */
  norm(job: ReadJob): Promise<number | null>
  aggregate(job: AggregateJob): Promise<NextState>
  /** The score on what is held out. */
  evaluate(job: EvaluateJob): Promise<Evaluation>
  /** @throws HydraError TASK_MISMATCH, MODEL_TOO_LARGE and others: at every node alike */
  found(job: FoundJob): Promise<FoundResult>
  predict(job: PredictJob): Promise<Predictions>
  usage(): ComputeUsage
  close(): Promise<void>
}

/** What a job ends with that nobody needs any more. */
export function stoppedError(): HydraError {
  return new HydraError('COMPUTE_STOPPED', 'Nobody needs the result any more.')
}
