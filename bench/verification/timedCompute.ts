import { type Clock, type Evaluation, type Findings, type Hash, HydraError, segmentsOf } from '@hydraai/core'
import type { Compute, Workbench } from '@hydraai/node'
import type { JobCosts } from './costs.ts'
import { Processor } from './processor.ts'

/** Milliseconds of a core, by what they went into. */
export interface Spent {
  training: number
  /** Light checks. */
  checking: number
  replaying: number
  ruling: number
  /** Putting updates together: to make a base or a model, and to check that others did. */
  aggregating: number
  evaluating: number
}

export const NOTHING_SPENT: Spent = {
  training: 0,
  checking: 0,
  replaying: 0,
  ruling: 0,
  aggregating: 0,
  evaluating: 0,
}

type Job<K extends 'train' | 'check' | 'states' | 'state' | 'rule' | 'norm' | 'aggregate' | 'evaluate' | 'found'> =
  Parameters<Compute[K]>[0]

/**
 * Computes a small model exactly, and takes the time that a large one was measured to take: on one thread that trains and
 * one that does all else, as a node's own.
 */
export class TimedCompute implements Compute {
  readonly spent: Spent = { ...NOTHING_SPENT }
  readonly #bench: Workbench
  readonly #costs: JobCosts
  readonly #processor: Processor

  constructor(parts: { bench: Workbench; clock: Clock; costs: JobCosts; cores: number }) {
    this.#bench = parts.bench
    this.#costs = parts.costs
    this.#processor = new Processor(parts.clock, parts.cores)
  }

  async provide(id: Hash, bytes: Uint8Array): Promise<void> {
    this.#bench.provide(id, bytes)
  }

  /** Other machines of the world use the same workbench. */
  async forget(): Promise<void> {}

  async train(job: Job<'train'>, _onStep?: unknown, signal?: AbortSignal) {
    const { trainMs, probeMs } = this.#costs
    await this.#take('training', trainMs + (job.lossBefore === undefined ? probeMs : 0), signal)
    return this.#bench.train(job)
  }

  async check(job: Job<'check'>, _onStep?: unknown, signal?: AbortSignal): Promise<Findings> {
    const { lightMs, probeMs, replayMs } = this.#costs
    const knowsBase = job.lossBefore !== undefined && job.freshBefore !== undefined
    const findings = this.#bench.check(job)
    const replayed = findings.replay?.segments ?? 0
    await this.#take('checking', lightMs + (knowsBase ? 0 : 2 * probeMs), signal)
    if (replayed > 0) await this.#take('replaying', (replayMs * replayed) / segmentsOf(job.recipe), signal)
    return findings
  }

  async states(job: Job<'states'>, steps: readonly number[]) {
    await this.#take('ruling', this.#costs.replayMs)
    return this.#bench.states(job, steps)
  }

  async state(job: Job<'state'>, step: number) {
    await this.#take('ruling', this.#costs.replayMs)
    return this.#bench.state(job, step)
  }

  async rule(job: Job<'rule'>) {
    await this.#take('ruling', job.type === 'findings' ? this.#costs.lightMs : this.#costs.stepMs)
    return this.#bench.rule(job)
  }

  async norm(job: Job<'norm'>) {
    await this.#take('aggregating', this.#costs.normMs)
    return this.#bench.norm(job)
  }

  async aggregate(job: Job<'aggregate'>) {
    const { aggregateMs, aggregateEachMs } = this.#costs
    await this.#take('aggregating', aggregateMs + job.payloads.length * aggregateEachMs)
    return this.#bench.aggregate(job)
  }

  async evaluate(job: Job<'evaluate'>): Promise<Evaluation> {
    await this.#take('evaluating', this.#costs.evaluateMs)
    return this.#bench.evaluate(job)
  }

  async found(job: Job<'found'>) {
    return this.#bench.found(job)
  }

  async predict(job: Parameters<Compute['predict']>[0]) {
    return this.#bench.predict(job)
  }

  load(): Promise<never> {
    return noAnswers()
  }

  generate(): Promise<never> {
    return noAnswers()
  }

  usage() {
    const { training, checking, replaying, ruling, aggregating, evaluating } = this.spent
    return {
      trainingMs: training,
      checkingMs: checking + ruling,
      replayingMs: replaying,
      otherMs: aggregating + evaluating,
    }
  }

  async close(): Promise<void> {}

  async #take(purpose: keyof Spent, ms: number, signal?: AbortSignal): Promise<void> {
    this.spent[purpose] += await this.#processor.run(purpose === 'training' ? 'trainer' : 'checker', ms, signal)
    if (signal?.aborted) throw new HydraError('COMPUTE_STOPPED', 'Nobody needs the result any more.')
  }
}

async function noAnswers(): Promise<never> {
  throw new HydraError('ANSWERS_UNAVAILABLE', 'A simulated node answers no questions.')
}
