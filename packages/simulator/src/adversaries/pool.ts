import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Request, Response } from './suite.ts'

const WORKER = fileURLToPath(new URL('worker.ts', import.meta.url))
const MEMO = new URL('../memo/register.ts', import.meta.url).href
/** No run takes this long; a process that does has hung. */
const HUNG_MS = 900_000

/**
 * Does every request in a process of its own kind, `jobs` at a time; the answers come as they come. A run must not depend on
 * what the process did before. @throws Error when a run fails
 */
export async function answerAll(
  requests: readonly Request[],
  jobs: number,
  onResponse: (request: Request, response: Response) => void,
): Promise<void> {
  let next = 0
  const work = async () => {
    const child = fork(WORKER, { execArgv: ['--import', MEMO], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    try {
      for (let i = next++; i < requests.length; i = next++) onResponse(requests[i]!, await ask(child, requests[i]!))
    } finally {
      child.removeAllListeners()
      child.kill('SIGKILL')
    }
  }
  await Promise.all(Array.from({ length: Math.min(jobs, requests.length) }, work))
}

function ask(child: ChildProcess, request: Request): Promise<Response> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`${JSON.stringify(request)}: ${why}`))
    const timer = setTimeout(() => fail(`no end after ${HUNG_MS / 1_000} s`), HUNG_MS)
    const settle = (run: () => void) => {
      clearTimeout(timer)
      child.removeAllListeners()
      run()
    }
    child.once('message', (answer: { response?: Response; error?: string }) =>
      settle(() => (answer.response ? resolve(answer.response) : fail(answer.error ?? 'no answer'))),
    )
    child.once('exit', code => settle(() => fail(`the process ended with ${code}`)))
    child.once('error', error => settle(() => fail(String(error))))
    child.send(request)
  })
}
