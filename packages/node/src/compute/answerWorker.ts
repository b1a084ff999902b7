/** The answering thread: several answers take turns, and hear between two tokens that they are no longer wanted. */
import { readFileSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parentPort } from 'node:worker_threads'
import { HydraError } from '@hydraai/core'
import { AnswerBench } from './answerBench.ts'
import type { AnswerJob, Generated } from './answering.ts'
import type { AnswerReply, AnswerRequest } from './answerProtocol.ts'

const port = parentPort
if (!port) throw new Error('The answering worker runs in a worker thread only.')

/** Tokens that come within this time of each other go together, but for the first. */
const GATHER_MS = 15

const bench = new AnswerBench(readFileSync(fileURLToPath(import.meta.resolve('@hydraai/engine/engine.wasm'))))
const stopped = new Set<number>()
const running = new Set<number>()
const reply = (message: AnswerReply): void => port.postMessage(message)

port.on('message', (request: AnswerRequest) => {
  const { ticket } = request
  if (request.kind === 'stop') {
    if (running.has(ticket)) stopped.add(ticket)
    return
  }
  running.add(ticket)
  const before = cpuMs()
  perform(request)
    .then(
      result => reply({ ticket, kind: 'done', result, cpuMs: cpuMs() - before }),
      (error: unknown) => {
        const code = error instanceof HydraError ? error.code : 'COMPUTE_FAILED'
        reply({ ticket, kind: 'failed', code, message: error instanceof Error ? error.message : String(error) })
      },
    )
    .finally(() => {
      running.delete(ticket)
      stopped.delete(ticket)
    })
})

reply({ kind: 'started' })

async function perform(request: Exclude<AnswerRequest, { kind: 'stop' }>): Promise<Generated | undefined> {
  if (request.kind === 'generate') return generate(request.ticket, request.job)
  bench.load(request.model)
  return undefined
}

async function generate(ticket: number, job: AnswerJob): Promise<Generated> {
  const answer = bench.answer(job)
  let waiting: number[] = []
  let sentAt = Number.NEGATIVE_INFINITY
  const send = () => {
    if (waiting.length > 0) reply({ ticket, kind: 'tokens', tokens: waiting })
    waiting = []
    sentAt = performance.now()
  }
  for (;;) {
    const step = answer.next(stopped.has(ticket))
    if (step.done) {
      send()
      return step.value
    }
    waiting.push(step.value.token)
    if (performance.now() - sentAt >= GATHER_MS) send()
    await turn()
  }
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}
