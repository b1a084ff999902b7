import { Worker } from 'node:worker_threads'
import type { FuzzResult } from './fuzz.ts'
import { inputOf, makeCurrent, runOf } from './shared.ts'
import type { Job } from './worker.ts'

/** Processor time after which an input that has not come back never will. */
const MAX_HANG_CPU_MS = 20_000
const LOOK_EVERY_MS = 500
/** Memory of the thread, far above what any decoder may need. */
const MAX_HEAP_MIB = 1_536

/**
 * Fuzzes targets of one group in a thread of their own, and tells each result. An input that does not return or takes all
 * memory ends the thread and is the last result: the targets after it have to be begun anew.
 */
export function campaign(options: Omit<Job, 'current'>, onResult: (result: FuzzResult) => void): Promise<void> {
  const { targets } = options
  const current = makeCurrent()
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: { ...options, current } satisfies Job,
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB },
  })
  return new Promise((resolve, reject) => {
    let results = 0
    let run = 0
    let since = process.cpuUsage()
    let started = performance.now()
    const lookout = setInterval(() => {
      const now = runOf(current)
      const { user, system } = process.cpuUsage(since)
      if (now !== run || now === 0) {
        run = now
        since = process.cpuUsage()
      } else if ((user + system) / 1_000 > MAX_HANG_CPU_MS) lost('Hang: it did not return')
    }, LOOK_EVERY_MS)

    function done(): void {
      clearInterval(lookout)
      void worker.terminate()
      resolve()
    }

    function lost(message: string): void {
      const target = targets[results]!
      const finding = { target, signature: message, message, stack: '', input: inputOf(current) }
      const seconds = Math.round(performance.now() - started) / 1_000
      const unknown = { accepted: 0, branches: 0, features: 0, corpus: 0 }
      onResult({ target, runs: runOf(current), seconds, ...unknown, findings: [finding] })
      done()
    }

    worker.on('message', (result: FuzzResult | 'done') => {
      if (result === 'done') return done()
      results++
      started = performance.now()
      onResult(result)
    })
    worker.on('error', error => {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ERR_WORKER_OUT_OF_MEMORY') lost('Memory: it took more than the thread may have')
      else if (runOf(current) > 0) lost(`Uncaught: ${error.message}`)
      else {
        clearInterval(lookout)
        reject(error)
      }
    })
  })
}
