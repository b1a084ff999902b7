import type { Clock, Hash } from '@hydraai/core'
import type { OnStep, TrainedUnit, Verdict } from '@hydraai/training'
import type {
  AggregateJob,
  AggregateResult,
  Compute,
  ComputeUsage,
  Prediction,
  PredictJob,
  TrainJob,
  VerifyJob,
} from './compute.ts'
import type { Workbench } from './workbench.ts'

/** How long each kind of job takes on the node's clock. */
export interface JobDurations {
  readonly trainMs: number
  readonly verifyMs: number
  readonly aggregateMs: number
}

/** Computes on the calling thread and answers after a set time of the given clock: exact results, simulated speed. */
export class InlineCompute implements Compute {
  readonly #bench: Workbench
  readonly #clock: Clock
  readonly #durations: JobDurations

  constructor(parts: { bench: Workbench; clock: Clock; durations: JobDurations }) {
    this.#bench = parts.bench
    this.#clock = parts.clock
    this.#durations = parts.durations
  }

  async provide(id: Hash, bytes: Uint8Array): Promise<void> {
    this.#bench.provide(id, bytes)
  }

  train(job: TrainJob, onStep?: OnStep): Promise<TrainedUnit> {
    return this.#later(this.#durations.trainMs, () => this.#bench.train(job, onStep))
  }

  verify(job: VerifyJob, onStep?: OnStep): Promise<Verdict> {
    return this.#later(this.#durations.verifyMs, () => this.#bench.verify(job, onStep))
  }

  aggregate(job: AggregateJob): Promise<AggregateResult> {
    return this.#later(this.#durations.aggregateMs, () => this.#bench.aggregate(job))
  }

  predict(job: PredictJob): Promise<Prediction[]> {
    return this.#later(this.#durations.aggregateMs, () => this.#bench.predict(job))
  }

  usage(): ComputeUsage {
    return { trainingMs: 0, verifyingMs: 0, otherMs: 0 }
  }

  async close(): Promise<void> {}

  #later<T>(ms: number, work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#clock.after(ms, () => {
        try {
          resolve(work())
        } catch (error) {
          reject(error)
        }
      })
    })
  }
}
