// The thread that fuzzes targets. What it is working on stands in shared memory, so that the main thread can save an
// input that never returned or took all memory.
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { instrumentImports } from './instrument.ts'
import { type Current, setCurrent } from './shared.ts'

export interface Job {
  /** Of one group, one after the other. */
  readonly targets: readonly string[]
  readonly seed: number
  readonly seconds: number
  readonly maxRuns: number
  /** Where inputs are kept between campaigns, a folder for each target; null: nowhere. */
  readonly corpus: string | null
  readonly current: Current
}

const { targets, seed, seconds, maxRuns, corpus, current } = workerData as Job
const coverage = instrumentImports()
// Only now: what was loaded before the hook would not be counted.
const { fuzz } = await import('./fuzz.ts')
const { targetNamed } = await import('../targets/index.ts')
const onInput = (input: Uint8Array) => setCurrent(current, input)
for (const name of targets) {
  const target = await targetNamed(name)
  const kept = keptOf(name)
  const onInteresting = (input: Uint8Array) => keep(name, input)
  const options = { target, coverage, seed, seconds, maxRuns, corpus: kept, onInput, onInteresting }
  parentPort!.postMessage(await fuzz(options))
}
parentPort!.postMessage('done')

function keptOf(name: string): Uint8Array[] {
  if (corpus === null) return []
  const folder = join(corpus, name)
  mkdirSync(folder, { recursive: true })
  const files = readdirSync(folder).sort()
  return files.map(file => new Uint8Array(readFileSync(join(folder, file))))
}

function keep(name: string, input: Uint8Array): void {
  if (corpus === null) return
  writeFileSync(join(corpus, name, createHash('sha256').update(input).digest('hex').slice(0, 16)), input)
}
