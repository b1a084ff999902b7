import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { HonestTally } from './honest.ts'
import type { Request, Response } from './suite.ts'

const WORKER = fileURLToPath(new URL('worker.ts', import.meta.url))
const MEMO = new URL('../memo/register.ts', import.meta.url).href
/** No run takes this long; a process that does has hung. */
const HUNG_MS = 3_600_000

/** What a process can be asked, and what it answers. */
export type Question =
  | { readonly type: 'run'; readonly request: Request }
  | { readonly type: 'honest'; readonly seed: number }
export type Answer =
  | { readonly type: 'run'; readonly response: Response }
  | { readonly type: 'honest'; readonly tally: HonestTally }

/**
 * Puts every question to a process, `jobs` of them at a time; the answers come as they come. An answer must not depend on
 * what the process did before. @throws Error when a run fails
 */
export async function answerAll<Q extends Question>(
  questions: Iterable<Q>,
  jobs: number,
  onAnswer: (question: Q, answer: Extract<Answer, { type: Q['type'] }>) => void,
): Promise<void> {
  const left = questions[Symbol.iterator]()
  const work = async () => {
    const child = fork(WORKER, { execArgv: ['--import', MEMO], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    try {
      for (let next = left.next(); !next.done; next = left.next())
        onAnswer(next.value, (await ask(child, next.value)) as Extract<Answer, { type: Q['type'] }>)
    } finally {
      child.removeAllListeners()
      child.kill('SIGKILL')
    }
  }
  await Promise.all(Array.from({ length: jobs }, work))
}

function ask(child: ChildProcess, question: Question): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`${JSON.stringify(question)}: ${why}`))
    const timer = setTimeout(() => settle(() => fail(`no end after ${HUNG_MS / 1_000} s`)), HUNG_MS)
    const settle = (run: () => void) => {
      clearTimeout(timer)
      child.removeAllListeners()
      run()
    }
    child.once('message', (said: { answer?: Answer; error?: string }) =>
      settle(() => (said.answer ? resolve(said.answer) : fail(said.error ?? 'no answer'))),
    )
    child.once('exit', code => settle(() => fail(`the process ended with ${code}`)))
    child.once('error', error => settle(() => fail(String(error))))
    child.send(question)
  })
}
