import type { Hash } from '@hydraai/core'
import type {
  AggregateJob,
  CheckJob,
  EvaluateJob,
  FoundJob,
  PredictJob,
  ReadJob,
  RulingJob,
  TrainJob,
} from './compute.ts'

/** One shared value: 1 once the job is to end between two steps. Null for a job that nobody can stop. */
export type Stop = Int32Array | null

/** What the node asks of a compute thread. */
export type WorkerRequest = { readonly ticket: number } & (
  | { readonly kind: 'provide'; readonly id: Hash; readonly bytes: Uint8Array }
  | { readonly kind: 'forget'; readonly id: Hash }
  | { readonly kind: 'train'; readonly job: TrainJob; readonly stop: Stop }
  | { readonly kind: 'check'; readonly job: CheckJob; readonly stop: Stop }
  | { readonly kind: 'states'; readonly job: TrainJob; readonly steps: readonly number[] }
  | { readonly kind: 'state'; readonly job: TrainJob; readonly step: number }
  | { readonly kind: 'rule'; readonly job: RulingJob }
  | { readonly kind: 'norm'; readonly job: ReadJob }
  | { readonly kind: 'aggregate'; readonly job: AggregateJob }
  | { readonly kind: 'evaluate'; readonly job: EvaluateJob }
  | { readonly kind: 'found'; readonly job: FoundJob }
  | { readonly kind: 'predict'; readonly job: PredictJob }
)

/**
 * What it answers: once that it has started, then for each job progress and a result or an error. `cpuMs` is the thread's
 * CPU time for the job.
 */
export type WorkerReply = { readonly kind: 'started' } | JobReply

type JobReply = { readonly ticket: number } & (
  | { readonly kind: 'step'; readonly step: number; readonly steps: number; readonly loss: number }
  | { readonly kind: 'done'; readonly result: unknown; readonly cpuMs: number }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string; readonly cpuMs: number }
)
