/** A thread that does one run after another. */
import { parentPort } from 'node:worker_threads'
import { HydraError } from '@hydraai/core'
import { loadEngine } from '../../test/loadEngine.ts'
import type { RunJob } from './pool.ts'
import { type RunResult, runRow } from './run.ts'
import { loadTask, type TableTask, type TaskName } from './tasks.ts'

const tasks = new Map<TaskName, Promise<TableTask>>()

/** What does not learn at all has the worst loss there is, and goes on the table as such. */
function unlessDiverged(run: () => RunResult): RunResult {
  try {
    return run()
  } catch (error) {
    if (!(error instanceof HydraError && error.code === 'NON_FINITE')) throw error
    const nothing = { bytesPerParameterPerSample: null, timesLess: null, coreSeconds: 0, wallSeconds: 0 }
    return { loss: Number.MAX_VALUE, accuracy: 0, ...nothing }
  }
}

parentPort!.on('message', async ({ task: name, method, seed }: RunJob) => {
  if (!tasks.has(name)) tasks.set(name, loadTask(name))
  const task = await tasks.get(name)!
  // A memory of its own for every run, which goes with it.
  parentPort!.postMessage(unlessDiverged(() => runRow(loadEngine(), task, method, seed)))
})
