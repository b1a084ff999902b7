/** The compute thread: takes one job at a time from its port. */
import { readFileSync } from 'node:fs'
import { setPriority } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parentPort, workerData } from 'node:worker_threads'
import { HydraError } from '@hydraai/core'
import { startCrew } from '@hydraai/engine/threads/node'
import type { OnStep } from '@hydraai/training'
import { stoppedError } from './compute.ts'
import type { Stop, WorkerReply, WorkerRequest } from './protocol.ts'
import { Workbench } from './workbench.ts'

const port = parentPort
if (!port) throw new Error('The compute worker runs in a worker thread only.')

// On Linux this lowers the calling thread alone: votes and blocks come before training on a busy machine.
try {
  if (process.platform === 'linux') setPriority(0, 10)
} catch {
  // A system that refuses only loses the politeness.
}

const STEP_EVERY_MS = 100
const wasm = readFileSync(fileURLToPath(import.meta.resolve('@hydraai/engine/engine.wasm')))
const { threads } = workerData as { threads: number }
// Where memory cannot be shared there is no crew, and one thread gives the same bits.
const bench = new Workbench(wasm, await startCrew(wasm, threads))
const reply = (message: WorkerReply): void => port.postMessage(message)

port.on('message', (request: WorkerRequest) => {
  const { ticket } = request
  const before = cpuMs()
  try {
    const result = perform(request, progressOf(ticket, 'stop' in request ? request.stop : null))
    reply({ ticket, kind: 'done', result, cpuMs: cpuMs() - before })
  } catch (error) {
    const code = error instanceof HydraError ? error.code : 'COMPUTE_FAILED'
    const message = error instanceof Error ? error.message : String(error)
    reply({ ticket, kind: 'failed', code, message, cpuMs: cpuMs() - before })
  }
})

reply({ kind: 'started' })

function perform(request: WorkerRequest, onStep: OnStep): unknown {
  switch (request.kind) {
    case 'provide':
      return bench.provide(request.id, request.bytes)
    case 'forget':
      return bench.forget(request.id)
    case 'train':
      return bench.train(request.job, onStep)
    case 'check':
      return bench.check(request.job, onStep)
    case 'states':
      return bench.states(request.job, request.steps)
    case 'state':
      return bench.state(request.job, request.step)
    case 'rule':
      return bench.rule(request.job)
    case 'norm':
      return bench.norm(request.job)
    case 'aggregate':
      return bench.aggregate(request.job)
    case 'evaluate':
      return bench.evaluate(request.job)
    case 'found':
      return bench.found(request.job)
    case 'predict':
      return bench.predict(request.job)
  }
}

/** At most ten reports a second, and the last step always. Throws when the job is to stop. */
function progressOf(ticket: number, stop: Stop): OnStep {
  let last = 0
  return progress => {
    if (stop !== null && Atomics.load(stop, 0) === 1) throw stoppedError()
    const now = performance.now()
    if (progress.step < progress.steps && now - last < STEP_EVERY_MS) return
    last = now
    reply({ ticket, kind: 'step', ...progress })
  }
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}
