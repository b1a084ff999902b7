import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export interface Caught {
  readonly seed: number
  /** Which promise was broken, and how. */
  readonly promise: string
  readonly finding: string
}

export interface Hunt {
  /** Null: no world of these seeds broke a promise. */
  readonly caught: Caught | null
  readonly tookMs: number
}

const LOADER = fileURLToPath(new URL('load.ts', import.meta.url))
const CHILD = fileURLToPath(new URL('child.ts', import.meta.url))

/**
 * Runs worlds of the seeds `from` to `to` in a process of its own, with the mutant in it (null: the product as it is),
 * until one breaks a promise. @throws Error when the process fails otherwise, a patch that does not fit among the reasons
 */
export function hunt(mutant: string | null, from: number, to: number, timeoutMs: number): Promise<Hunt> {
  const started = Date.now()
  const { HYDRA_MUTANT: _, ...env } = process.env
  const options = {
    env: mutant === null ? env : { ...env, HYDRA_MUTANT: mutant },
    timeout: timeoutMs,
    killSignal: 'SIGKILL' as const,
    maxBuffer: 16 * 1024 * 1024,
  }
  return new Promise((resolve, reject) => {
    const parameters = ['--import', LOADER, CHILD, String(from), String(to)]
    execFile(process.execPath, parameters, options, (error, stdout, stderr) => {
      if (error) return reject(new Error(`${mutant ?? 'the product'}: ${error.message}\n${stderr}`))
      const last = stdout.trim().split('\n').at(-1)!
      resolve({ caught: JSON.parse(last) as Caught | null, tookMs: Date.now() - started })
    })
  })
}

/** Runs the jobs, `width` at a time; the answers in the order of the jobs. */
export async function inParallel<T>(jobs: readonly (() => Promise<T>)[], width: number): Promise<T[]> {
  const results: T[] = []
  let next = 0
  const work = async () => {
    for (let i = next++; i < jobs.length; i = next++) results[i] = await jobs[i]!()
  }
  await Promise.all(Array.from({ length: width }, work))
  return results
}
