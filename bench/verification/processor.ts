import type { Clock } from '@hydraai/core'

interface Job {
  /** Milliseconds of a core that it still takes. */
  leftMs: number
  readonly done: () => void
}

/**
 * The cores of a simulated machine. Each of its threads does its jobs one after the other; when more threads work than
 * there are cores, all of them get the same share.
 */
export class Processor {
  readonly #clock: Clock
  readonly #cores: number
  readonly #threads = new Map<string, Job[]>()
  #at: number
  #cancel = () => {}

  constructor(clock: Clock, cores: number) {
    this.#clock = clock
    this.#cores = cores
    this.#at = clock.now()
  }

  /**
   * Resolves when the thread has come to the job and has done it, or when `signal` aborts; to the milliseconds that went
   * into it.
   */
  run(thread: string, ms: number, signal?: AbortSignal): Promise<number> {
    this.#advance()
    const jobs = this.#threads.get(thread) ?? []
    this.#threads.set(thread, jobs)
    return new Promise(resolve => {
      const job: Job = { leftMs: ms, done: () => resolve(ms - Math.max(0, job.leftMs)) }
      jobs.push(job)
      this.#plan()
      signal?.addEventListener('abort', () => this.#leave(jobs, job), { once: true })
    })
  }

  #leave(jobs: Job[], job: Job): void {
    const at = jobs.indexOf(job)
    if (at === -1) return
    this.#advance()
    jobs.splice(at, 1)
    this.#plan()
    job.done()
  }

  get #active(): Job[] {
    return [...this.#threads.values()].flatMap(jobs => jobs.slice(0, 1))
  }

  #rate(active: number): number {
    return Math.min(1, this.#cores / active)
  }

  /** Takes the time since the last change from what is under way. */
  #advance(): void {
    const now = this.#clock.now()
    const active = this.#active
    const done = (now - this.#at) * this.#rate(active.length)
    for (const job of active) job.leftMs -= done
    this.#at = now
  }

  #plan(): void {
    this.#cancel()
    const active = this.#active
    if (active.length === 0) return
    const least = Math.min(...active.map(({ leftMs }) => leftMs))
    this.#cancel = this.#clock.after(Math.max(0, least) / this.#rate(active.length), () => this.#finish())
  }

  #finish(): void {
    this.#advance()
    const finished: Job[] = []
    for (const jobs of this.#threads.values())
      if (jobs.length > 0 && jobs[0]!.leftMs <= 1e-6) finished.push(jobs.shift()!)
    this.#plan()
    for (const { done } of finished) done()
  }
}
