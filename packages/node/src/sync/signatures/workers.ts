import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { packClaims } from './batch.ts'
import type { SignatureChecker, SignatureClaim } from './checker.ts'

/** Claims that travel together: some tens of milliseconds of work. */
const BATCH = 250
const MAX_THREADS = 8
/** Threads that had nothing to do for this long end, and give their memory back. */
const IDLE_MS = 30_000

interface Job {
  readonly claims: readonly SignatureClaim[]
  readonly done: (answers: readonly (boolean | null)[]) => void
}

/** One thread, and the batch that it works on. */
interface Thread {
  readonly worker: Worker
  readonly started: Promise<unknown>
  job: Job | null
}

/**
 * Checks signatures on threads of its own, which start when there is work and end when there has been none for a while.
 * What a thread leaves behind that dies is answered with null, and so checked by the ledger itself.
 */
export class SignatureWorkers implements SignatureChecker {
  readonly #threads: Thread[] = []
  readonly #limit: number
  #jobs: Job[] = []
  #idle: NodeJS.Timeout | null = null
  #closed = false

  /** `threads`: how many at most; as many as there are cores unless given. */
  constructor({ threads = availableParallelism() }: { threads?: number } = {}) {
    this.#limit = Math.max(1, Math.min(MAX_THREADS, threads))
  }

  async check(claims: readonly SignatureClaim[]): Promise<readonly (boolean | null)[]> {
    const batches: Promise<readonly (boolean | null)[]>[] = []
    for (let at = 0; at < claims.length; at += BATCH) batches.push(this.#enqueue(claims.slice(at, at + BATCH)))
    return (await Promise.all(batches)).flat()
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#end()
  }

  #enqueue(claims: readonly SignatureClaim[]): Promise<readonly (boolean | null)[]> {
    if (this.#closed) return Promise.resolve(claims.map(() => null))
    return new Promise(done => {
      this.#jobs.push({ claims, done })
      this.#advance()
    })
  }

  #advance(): void {
    if (this.#idle) clearTimeout(this.#idle)
    this.#idle = null
    for (const thread of this.#threads) if (thread.job === null) this.#give(thread)
    while (this.#jobs.length > 0 && this.#threads.length < this.#limit) this.#give(this.#spawn())
    if (this.#threads.every(({ job }) => job === null)) this.#idle = setTimeout(() => void this.#end(), IDLE_MS).unref()
  }

  #give(thread: Thread): void {
    const job = this.#jobs.shift()
    if (!job) return
    thread.job = job
    const packed = packClaims(job.claims)
    thread.worker.postMessage({ packed }, [packed.buffer])
  }

  #spawn(): Thread {
    const worker = new Worker(new URL('./worker.ts', import.meta.url))
    worker.unref()
    const started = new Promise(resolve => {
      worker.once('message', resolve)
      worker.once('exit', resolve)
    })
    const thread: Thread = { worker, started, job: null }
    worker.on('message', ({ answers }: { answers?: Uint8Array }) => {
      if (!answers) return
      const { job } = thread
      thread.job = null
      job?.done([...answers].map(answer => answer === 1))
      this.#advance()
    })
    worker.on('error', () => {})
    worker.on('exit', () => {
      const at = this.#threads.indexOf(thread)
      if (at >= 0) this.#threads.splice(at, 1)
      thread.job?.done(thread.job.claims.map(() => null))
      thread.job = null
      // A thread that cannot even start would be started for ever: with none left, the ledger does the work.
      if (this.#threads.length === 0) this.#giveUp()
    })
    this.#threads.push(thread)
    return thread
  }

  #giveUp(): void {
    const jobs = this.#jobs
    this.#jobs = []
    for (const { claims, done } of jobs) done(claims.map(() => null))
  }

  async #end(): Promise<void> {
    if (this.#idle) clearTimeout(this.#idle)
    this.#idle = null
    await Promise.all(
      [...this.#threads].map(async ({ worker, started }) => {
        // Node 24 aborts the whole process when a thread is terminated while it still loads its modules.
        worker.ref()
        await started
        await worker.terminate()
      }),
    )
  }
}
