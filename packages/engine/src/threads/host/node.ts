import { Worker } from 'node:worker_threads'
import { type CrewOptions, type Platform, type RunningCrew, startCrewOn, type Thread } from './start.ts'

export type { CrewOptions, RunningCrew } from './start.ts'

const platform: Platform = {
  problem: null,
  // Waiting here may block the event loop for a second, as the kernels themselves do.
  sleep: (words, index, value) => void Atomics.wait(words, index, value, 1000),
  start(task, helper) {
    const worker = new Worker(helper ?? new URL('./nodeHelper.ts', import.meta.url), {
      workerData: task,
      // What the parent was started with is meant for its own script.
      execArgv: [],
    })
    return threadOf(worker)
  },
}

function threadOf(worker: Worker): Thread {
  let problem = 'it was terminated'
  worker.on('error', error => {
    problem = error.message
  })
  return {
    onNote: listener => void worker.on('message', listener),
    onEnd: listener => void worker.on('exit', () => listener(problem)),
    detach: () => worker.unref(),
    terminate: async () => void (await worker.terminate()),
  }
}

/** Why there can be no threads here; null: there can. */
export const whyNoThreads: string | null = platform.problem

/**
 * Starts `threads - 1` helper threads for one engine: `createEngine(wasm, { crew })`. null for one thread. They keep no process
 * alive; `close` ends them.
 * @throws HydraError ENGINE_MISMATCH, ENGINE_UNSUPPORTED, ENGINE_THREADS when one does not start
 */
export function startCrew(wasm: Uint8Array, threads: number, options: CrewOptions = {}): Promise<RunningCrew | null> {
  return startCrewOn(platform, wasm, threads, options)
}
