import { Worker } from 'node:worker_threads'
import type { Finding } from './execute.ts'
import type { FuzzResult } from './fuzz.ts'
import { inputOf, makeCurrent, runOf } from './shared.ts'
import type { Job } from './worker.ts'

/** Processor time after which an input that has not come back never will. */
const MAX_HANG_CPU_MS = 20_000
const LOOK_EVERY_MS = 500
/** Memory of the thread, far above what any decoder may need. */
const MAX_HEAP_MIB = 1_536

/** Fuzzes one target in a thread of its own, and ends that thread if an input does not return. */
export function campaign(options: Omit<Job, 'current'>): Promise<FuzzResult> {
  const current = makeCurrent()
  const started = performance.now()
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: { ...options, current } satisfies Job,
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB },
  })
  return new Promise<FuzzResult>((resolve, reject) => {
    let run = -1
    let since = process.cpuUsage()
    const lookout = setInterval(() => {
      const now = runOf(current)
      if (now !== run) {
        run = now
        since = process.cpuUsage()
        return
      }
      const { user, system } = process.cpuUsage(since)
      if (run > 0 && (user + system) / 1_000 > MAX_HANG_CPU_MS) lost('Hang: it did not return')
    }, LOOK_EVERY_MS)
    const done = () => clearInterval(lookout)

    /** The thread is of no more use; the input it had is the finding. */
    function lost(message: string): void {
      done()
      const finding: Finding = {
        target: options.target,
        signature: message,
        message,
        stack: '',
        input: inputOf(current),
      }
      const seconds = Math.round(performance.now() - started) / 1_000
      const none = { accepted: 0, branches: 0, features: 0, corpus: 0 }
      void worker.terminate()
      resolve({ target: options.target, runs: runOf(current), seconds, ...none, findings: [finding] })
    }

    worker.on('message', (result: FuzzResult) => {
      done()
      void worker.terminate()
      resolve(result)
    })
    worker.on('error', error => {
      done()
      const code = (error as NodeJS.ErrnoException).code
      if (code === 'ERR_WORKER_OUT_OF_MEMORY') lost('Memory: it took more than the thread may have')
      else if (runOf(current) > 0) lost(`Uncaught: ${error.message}`)
      else reject(error)
    })
  })
}
