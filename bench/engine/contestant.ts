import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** A process that trains a workload when asked to: see worker.ts for what is said to it. */
export interface Contestant {
  /** What the process said of itself when it was ready. */
  readonly ready: Record<string, unknown>
  run(steps: number): Promise<{ times: number[]; losses: number[] }>
  stop(): void
}

const ANSWER_MS = 120_000

/** Starts the process and waits until it is ready. @throws Error with the process's last words */
export async function startContestant(command: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Contestant> {
  const child: ChildProcessWithoutNullStreams = spawn(command[0]!, command.slice(1), {
    env: { ...process.env, ...env },
    stdio: 'pipe',
  })
  let complaint = ''
  child.stderr.on('data', chunk => {
    complaint = `${complaint}${chunk}`.slice(-2000)
  })
  const ended = new Promise<never>((_, reject) => {
    child.on('error', reject)
    child.on('close', code => reject(new Error(`${command.join(' ')} ended with code ${code}\n${complaint}`)))
  })
  ended.catch(() => {})
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const answer = async (): Promise<Record<string, unknown>> => {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`${command.join(' ')} did not answer`)), ANSWER_MS)
    })
    try {
      const line = await Promise.race([lines.next(), ended, late])
      if (line.done === true) return await ended
      return JSON.parse(line.value) as Record<string, unknown>
    } finally {
      clearTimeout(timer)
    }
  }
  const stop = (): void => {
    child.stdin.end()
    child.kill()
  }
  try {
    const ready = await answer()
    return {
      ready,
      stop,
      async run(steps) {
        child.stdin.write(`${JSON.stringify({ steps })}\n`)
        return (await answer()) as { times: number[]; losses: number[] }
      },
    }
  } catch (error) {
    stop()
    throw error
  }
}
