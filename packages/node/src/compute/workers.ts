import { Worker } from 'node:worker_threads'
import { type Evaluation, type Findings, type Hash, HydraError } from '@hydraai/core'
import type { RulingAnswer } from '@hydraai/ledger'
import type { OnStep, TrainedUnit } from '@hydraai/training'
import type { AnswerJob, AnswerModel, Generated } from './answering.ts'
import { AnswerThread } from './answerThread.ts'
import type {
  AggregateJob,
  CheckJob,
  Compute,
  ComputeUsage,
  EvaluateJob,
  FoundJob,
  FoundResult,
  NextState,
  Predictions,
  PredictJob,
  ReadJob,
  RulingJob,
  TrainJob,
} from './compute.ts'
import type { WorkerReply, WorkerRequest } from './protocol.ts'

interface Waiting {
  readonly resolve: (result: never) => void
  readonly reject: (error: unknown) => void
  readonly onStep: OnStep | undefined
  readonly account: (cpuMs: number) => void
}

const RESPAWN_MS = 1_000

type WithoutTicket<R> = R extends unknown ? Omit<R, 'ticket'> : never

/**
 * One compute thread and the jobs that wait for it, in order. A thread that dies (out of memory, say) fails its jobs and is
 * replaced; the new one is given the same documents.
 */
class Thread {
  readonly #threads: number
  readonly #provided = new Map<Hash, Uint8Array>()
  #started: Promise<void> = Promise.resolve()
  #worker: Worker
  #waiting = new Map<number, Waiting>()
  #ticket = 0
  #closed = false
  #gone = false

  constructor(threads: number) {
    this.#threads = threads
    this.#worker = this.#spawn()
  }

  provide(id: Hash, bytes: Uint8Array): Promise<void> {
    this.#provided.set(id, bytes)
    return this.run({ kind: 'provide', id, bytes }, () => {})
  }

  forget(id: Hash): Promise<void> {
    this.#provided.delete(id)
    return this.run({ kind: 'forget', id }, () => {})
  }

  run<T>(request: WithoutTicket<WorkerRequest>, account: (cpuMs: number) => void, onStep?: OnStep): Promise<T> {
    if (this.#closed || this.#gone) return Promise.reject(closedError())
    const ticket = this.#ticket++
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(ticket, { resolve: resolve as (result: never) => void, reject, onStep, account })
      this.#worker.postMessage({ ...request, ticket })
    })
  }

  get isIdle(): boolean {
    return this.#waiting.size === 0
  }

  async close(): Promise<void> {
    this.#closed = true
    // Node 24 aborts the whole process when a thread is terminated while it still loads its modules.
    this.#worker.ref()
    await this.#started
    await this.#worker.terminate()
  }

  #spawn(): Worker {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: { threads: this.#threads } })
    worker.unref()
    this.#started = new Promise(resolve => {
      worker.once('message', () => resolve())
      worker.once('exit', () => resolve())
    })
    worker.on('message', (reply: WorkerReply) => this.#settle(reply))
    worker.on('error', error => this.#fail(error instanceof Error ? error : new Error(String(error))))
    worker.on('exit', () => {
      this.#fail(closedError())
      this.#gone = true
      // Not at once: one that cannot even start must not keep a core busy.
      if (!this.#closed) setTimeout(() => this.#replace(), RESPAWN_MS).unref()
    })
    return worker
  }

  #replace(): void {
    if (this.#closed) return
    this.#worker = this.#spawn()
    this.#gone = false
    for (const [id, bytes] of this.#provided) void this.provide(id, bytes).catch(() => {})
  }

  #settle(reply: WorkerReply): void {
    if (reply.kind === 'started') return
    const waiting = this.#waiting.get(reply.ticket)
    if (!waiting) return
    if (reply.kind === 'step') {
      waiting.onStep?.(reply)
      return
    }
    this.#waiting.delete(reply.ticket)
    waiting.account(reply.cpuMs)
    if (reply.kind === 'failed') waiting.reject(new HydraError(reply.code, reply.message))
    else waiting.resolve(reply.result as never)
  }

  #fail(error: Error): void {
    const failed = this.#waiting
    this.#waiting = new Map()
    for (const { reject } of failed.values()) reject(error)
  }
}

/** What the thread looks at between two steps, since it hears no message amid a job. */
function stopOf(signal: AbortSignal | undefined): Int32Array | null {
  if (!signal) return null
  const stop = new Int32Array(new SharedArrayBuffer(4))
  if (signal.aborted) Atomics.store(stop, 0, 1)
  signal.addEventListener('abort', () => Atomics.store(stop, 0, 1), { once: true })
  return stop
}

function closedError(): HydraError {
  return new HydraError('COMPUTE_CLOSED', 'The compute thread has ended.')
}

/**
 * Two threads: one trains, the other checks, so that a verdict never waits for this node's own unit. Each may have helpers
 * for its sums. A third answers questions, once there is one. CPU time is that of these threads, without helpers.
 */
export class WorkerCompute implements Compute {
  readonly #trainer: Thread
  readonly #checker: Thread
  readonly #answerer = new AnswerThread(this.#account('otherMs'))
  #usage = { trainingMs: 0, checkingMs: 0, replayingMs: 0, otherMs: 0 }

  /** `threads`: how many share the steps of a unit, and as many those of a check; the bits do not depend on it. */
  constructor({ threads = 1 }: { threads?: number } = {}) {
    this.#trainer = new Thread(threads)
    this.#checker = new Thread(threads)
  }

  async provide(id: Hash, bytes: Uint8Array): Promise<void> {
    await Promise.all([this.#trainer.provide(id, bytes), this.#checker.provide(id, bytes)])
  }

  async forget(id: Hash): Promise<void> {
    await Promise.all([this.#trainer.forget(id), this.#checker.forget(id)])
  }

  train(job: TrainJob, onStep?: OnStep, signal?: AbortSignal): Promise<TrainedUnit> {
    return this.#trainer.run({ kind: 'train', job, stop: stopOf(signal) }, this.#account('trainingMs'), onStep)
  }

  check(job: CheckJob, onStep?: OnStep, signal?: AbortSignal): Promise<Findings> {
    const account = this.#account(job.segments === 0 ? 'checkingMs' : 'replayingMs')
    return this.#checker.run({ kind: 'check', job, stop: stopOf(signal) }, account, onStep)
  }

  states(job: TrainJob, steps: readonly number[]): Promise<Hash[]> {
    return this.#checker.run({ kind: 'states', job, steps }, this.#account('replayingMs'))
  }

  state(job: TrainJob, step: number): Promise<Uint8Array> {
    return this.#checker.run({ kind: 'state', job, step }, this.#account('replayingMs'))
  }

  rule(job: RulingJob): Promise<RulingAnswer> {
    return this.#forEverybody().run({ kind: 'rule', job }, this.#account('checkingMs'))
  }

  norm(job: ReadJob): Promise<number | null> {
    return this.#forEverybody().run({ kind: 'norm', job }, this.#account('otherMs'))
  }

  aggregate(job: AggregateJob): Promise<NextState> {
    return this.#forEverybody().run({ kind: 'aggregate', job }, this.#account('otherMs'))
  }

  evaluate(job: EvaluateJob): Promise<Evaluation> {
    return this.#forEverybody().run({ kind: 'evaluate', job }, this.#account('otherMs'))
  }

  found(job: FoundJob): Promise<FoundResult> {
    return this.#checker.run({ kind: 'found', job }, this.#account('otherMs'))
  }

  predict(job: PredictJob): Promise<Predictions> {
    return this.#checker.run({ kind: 'predict', job }, this.#account('otherMs'))
  }

  load(model: AnswerModel): Promise<void> {
    return this.#answerer.load(model)
  }

  generate(job: AnswerJob, onTokens: (tokens: readonly number[]) => void, signal?: AbortSignal): Promise<Generated> {
    return this.#answerer.generate(job, onTokens, signal)
  }

  usage(): ComputeUsage {
    return { ...this.#usage }
  }

  async close(): Promise<void> {
    await Promise.all([this.#trainer.close(), this.#checker.close(), this.#answerer.close()])
  }

  /** What holds up everybody is not put behind a replay while the trainer's thread has nothing to do. */
  #forEverybody(): Thread {
    return !this.#checker.isIdle && this.#trainer.isIdle ? this.#trainer : this.#checker
  }

  #account(purpose: keyof ComputeUsage): (cpuMs: number) => void {
    return cpuMs => {
      this.#usage[purpose] += cpuMs
    }
  }
}
