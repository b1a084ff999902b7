import { type Clock, type Evaluation, type Findings, type Hash, HydraError, segmentsOf } from '@hydraai/core'
import type { RulingAnswer } from '@hydraai/ledger'
import type { OnStep, TrainedUnit } from '@hydraai/training'
import type { AnswerBench } from './answerBench.ts'
import type { AnswerJob, AnswerModel, Generated } from './answering.ts'
import {
  type AggregateJob,
  type CheckJob,
  type Compute,
  type ComputeUsage,
  type EvaluateJob,
  type FoundJob,
  type FoundResult,
  type NextState,
  type Predictions,
  type PredictJob,
  type ReadJob,
  type RulingJob,
  stoppedError,
  type TrainJob,
} from './compute.ts'
import type { Workbench } from './workbench.ts'

/** How long each kind of job takes on the node's clock. */
export interface JobDurations {
  readonly trainMs: number
  /** A light check. A replay takes its share of `trainMs` besides. */
  readonly verifyMs: number
  readonly aggregateMs: number
  /** A token of an answer; 1 unless given. */
  readonly tokenMs?: number
}

/** Computes on the calling thread and answers after a set time of the given clock: exact results, simulated speed. */
export class InlineCompute implements Compute {
  readonly #bench: Workbench
  readonly #answers: AnswerBench | undefined
  readonly #clock: Clock
  readonly #durations: JobDurations

  constructor(parts: { bench: Workbench; answers?: AnswerBench; clock: Clock; durations: JobDurations }) {
    this.#bench = parts.bench
    this.#answers = parts.answers
    this.#clock = parts.clock
    this.#durations = parts.durations
  }

  async provide(id: Hash, bytes: Uint8Array): Promise<void> {
    this.#bench.provide(id, bytes)
  }

  async forget(id: Hash): Promise<void> {
    this.#bench.forget(id)
  }

  train(job: TrainJob, onStep?: OnStep, signal?: AbortSignal): Promise<TrainedUnit> {
    return this.#later(this.#durations.trainMs, () => this.#bench.train(job, onStep), signal)
  }

  check(job: CheckJob, onStep?: OnStep, signal?: AbortSignal): Promise<Findings> {
    const { trainMs, verifyMs } = this.#durations
    const share = job.segments / segmentsOf(job.recipe)
    return this.#later(verifyMs + trainMs * share, () => this.#bench.check(job, onStep), signal)
  }

  states(job: TrainJob, steps: readonly number[]): Promise<Hash[]> {
    return this.#later(this.#durations.trainMs, () => this.#bench.states(job, steps))
  }

  state(job: TrainJob, step: number): Promise<Uint8Array> {
    return this.#later(this.#durations.trainMs, () => this.#bench.state(job, step))
  }

  rule(job: RulingJob): Promise<RulingAnswer> {
    return this.#later(this.#durations.verifyMs, () => this.#bench.rule(job))
  }

  async norm(job: ReadJob): Promise<number | null> {
    return this.#bench.norm(job)
  }

  aggregate(job: AggregateJob): Promise<NextState> {
    return this.#later(this.#durations.aggregateMs, () => this.#bench.aggregate(job))
  }

  async evaluate(job: EvaluateJob): Promise<Evaluation> {
    return this.#bench.evaluate(job)
  }

  found(job: FoundJob): Promise<FoundResult> {
    return this.#later(this.#durations.aggregateMs, () => this.#bench.found(job))
  }

  predict(job: PredictJob): Promise<Predictions> {
    return this.#later(this.#durations.aggregateMs, () => this.#bench.predict(job))
  }

  async load(model: AnswerModel): Promise<void> {
    this.#answering().load(model)
  }

  async generate(
    job: AnswerJob,
    onTokens: (tokens: readonly number[]) => void,
    signal?: AbortSignal,
  ): Promise<Generated> {
    const answer = this.#answering().answer(job)
    for (;;) {
      const step = await this.#later(this.#durations.tokenMs ?? 1, () => answer.next(signal?.aborted === true))
      if (step.done) return step.value
      onTokens([step.value.token])
    }
  }

  usage(): ComputeUsage {
    return { trainingMs: 0, checkingMs: 0, replayingMs: 0, otherMs: 0 }
  }

  async close(): Promise<void> {}

  #answering(): AnswerBench {
    if (this.#answers) return this.#answers
    throw new HydraError('ANSWERS_UNAVAILABLE', 'This node was given nothing to answer with.')
  }

  #later<T>(ms: number, work: () => T, signal?: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      const stop = () => {
        cancel()
        reject(stoppedError())
      }
      const cancel = this.#clock.after(ms, () => {
        signal?.removeEventListener('abort', stop)
        try {
          resolve(work())
        } catch (error) {
          reject(error)
        }
      })
      signal?.addEventListener('abort', stop, { once: true })
    })
  }
}
