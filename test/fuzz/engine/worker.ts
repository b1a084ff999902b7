// The thread that fuzzes one target. What it is working on stands in shared memory, so that the main thread can save an
// input that never returned or took all memory.
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { instrumentImports } from './instrument.ts'
import { type Current, setCurrent } from './shared.ts'

export interface Job {
  readonly target: string
  readonly seed: number
  readonly seconds: number
  readonly maxRuns: number
  /** Where inputs are kept between campaigns, a folder for each target; null: nowhere. */
  readonly corpus: string | null
  readonly current: Current
}

const { target: name, seed, seconds, maxRuns, corpus, current } = workerData as Job
const coverage = instrumentImports()
// Only now: what was loaded before the hook would not be counted.
const { fuzz } = await import('./fuzz.ts')
const { targetNamed } = await import('../targets/index.ts')

const target = await targetNamed(name)
const folder = corpus === null ? null : join(corpus, name)
if (folder !== null) mkdirSync(folder, { recursive: true })
const kept =
  folder === null
    ? []
    : readdirSync(folder)
        .sort()
        .map(file => new Uint8Array(readFileSync(join(folder, file))))

function keep(input: Uint8Array): void {
  if (folder === null) return
  writeFileSync(join(folder, createHash('sha256').update(input).digest('hex').slice(0, 16)), input)
}

const onInput = (input: Uint8Array) => setCurrent(current, input)
parentPort!.postMessage(
  await fuzz({ target, coverage, seed, seconds, maxRuns, corpus: kept, onInput, onInteresting: keep }),
)
