/** What was measured, a line a run, so that a stop costs no more than the runs under way. */
import { appendFile, readFile } from 'node:fs/promises'
import { ENGINE_SHA256 } from '@hydraai/engine'
import type { RunJob } from './pool.ts'
import type { RunResult } from './run.ts'

export class ResultStore {
  readonly #file: string | undefined
  readonly #results = new Map<string, RunResult>()

  private constructor(file: string | undefined) {
    this.#file = file
  }

  /** With what `file` holds of earlier runs; without a file it remembers only its own. */
  static async open(file: string | undefined): Promise<ResultStore> {
    const store = new ResultStore(file)
    const text = file === undefined ? '' : await readFile(file, 'utf8').catch(() => '')
    for (const line of text.split('\n')) {
      // A stop may have cut the last line.
      if (!line.endsWith('}')) continue
      const { key, result } = JSON.parse(line) as { key: string; result: RunResult }
      store.#results.set(key, result)
    }
    return store
  }

  get(job: RunJob): RunResult | undefined {
    return this.#results.get(keyOf(job))
  }

  async add(job: RunJob, result: RunResult): Promise<void> {
    const key = keyOf(job)
    this.#results.set(key, result)
    if (this.#file !== undefined) await appendFile(this.#file, `${JSON.stringify({ key, result })}\n`)
  }
}

/** Everything that a result follows from but the data and this code. */
function keyOf({ task, method, seed }: RunJob): string {
  return JSON.stringify([ENGINE_SHA256, task, seed, method])
}
