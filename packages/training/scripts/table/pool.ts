/** Runs side by side in threads. What a run comes to does not depend on how many there are. */
import { Worker } from 'node:worker_threads'
import type { Method, RunResult } from './run.ts'
import type { TaskName } from './tasks.ts'

export interface RunJob {
  readonly task: TaskName
  readonly method: Method
  readonly seed: string
}

/** Calls `onResult` for each of `jobs` as it ends. Ends early, all threads stopped, when `signal` is aborted. */
export async function runAll(
  jobs: readonly RunJob[],
  threads: number,
  signal: AbortSignal,
  onResult: (job: RunJob, result: RunResult) => Promise<void>,
): Promise<void> {
  const waiting = [...jobs]
  const workers = Array.from({ length: Math.min(threads, jobs.length) }, () => {
    return new Worker(new URL('worker.ts', import.meta.url))
  })
  const stop = (): void => workers.forEach(worker => void worker.terminate())
  signal.addEventListener('abort', stop)
  try {
    await Promise.all(
      workers.map(worker => work(worker, () => (signal.aborted ? undefined : waiting.shift()), onResult)),
    )
  } finally {
    signal.removeEventListener('abort', stop)
    stop()
  }
}

function work(
  worker: Worker,
  next: () => RunJob | undefined,
  onResult: (job: RunJob, result: RunResult) => Promise<void>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let job: RunJob | undefined
    const give = (): void => {
      job = next()
      if (job === undefined) void worker.terminate()
      else worker.postMessage(job)
    }
    worker.on('message', (result: RunResult) => {
      onResult(job!, result).then(give, reject)
    })
    worker.on('error', reject)
    worker.on('exit', () => resolve())
    give()
  })
}
