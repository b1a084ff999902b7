/**
 * How well a network of trainers learns beside one machine with the same samples, and how much it sends: through the units,
 * the wire format and the aggregation of a network. Three seeds a row.
 *
 *     node packages/training/scripts/learningTable.ts                    all of it
 *     node packages/training/scripts/learningTable.ts --quick            one seed
 *     node packages/training/scripts/learningTable.ts --model gpt --seeds 2
 *     node packages/training/scripts/learningTable.ts --json             one JSON object a row
 *     node packages/training/scripts/learningTable.ts --results FILE     keeps every run there, and goes on from it
 *     node packages/training/scripts/learningTable.ts --tune             chooses the settings anew: table/settings.json
 *
 * Losses and bytes are the same on every machine; times are CPU times of this one. Ctrl-C ends it.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { bestOf, candidates } from './table/candidates.ts'
import { type RunJob, runAll } from './table/pool.ts'
import { type RowReport, reportOf, tableOf } from './table/report.ts'
import { type Row, rowsOf, SETTINGS_FILE, type Setting } from './table/rows.ts'
import type { RunResult } from './table/run.ts'
import { ResultStore } from './table/store.ts'
import { TASKS, type TaskName } from './table/tasks.ts'

const { values: options } = parseArgs({
  options: {
    model: { type: 'string', multiple: true, default: [...TASKS] },
    seeds: { type: 'string', default: '3' },
    quick: { type: 'boolean', default: false },
    threads: { type: 'string', default: String(Math.min(8, availableParallelism())) },
    results: { type: 'string' },
    tune: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})
const models = options.model.map(name => {
  return TASKS.find(task => task === name) ?? usage(`"${name}" is none of ${TASKS.join(', ')}.`)
})
const seeds = options.quick ? 1 : numberOf('seeds', options.seeds, 100)
const threads = numberOf('threads', options.threads, 64)

const stop = new AbortController()
process.once('SIGINT', () => stop.abort())
process.once('SIGTERM', () => stop.abort())
const store = await ResultStore.open(options.results)

if (options.tune) await tune()
else for (const model of models) await table(model)
if (stop.signal.aborted) process.exitCode = 130

async function table(model: TaskName): Promise<void> {
  const rows = rowsOf(model)
  const names = Array.from({ length: seeds }, (_, seed) => String(seed))
  const jobs = names.flatMap(seed => rows.map(({ method }) => ({ task: model, method, seed })))
  await measure(jobs)
  if (stop.signal.aborted) return
  const resultsOf = ({ method }: Row): RunResult[] => names.map(seed => store.get({ task: model, method, seed })!)
  const meanOf = (row: Row): number => resultsOf(row).reduce((sum, { loss }) => sum + loss, 0) / seeds
  const baseline = Math.min(...rows.filter(({ method }) => method.type === 'every-step').map(meanOf))
  const reports: RowReport[] = rows.map(row => reportOf(model, row, resultsOf(row), baseline))
  if (options.json) for (const report of reports) console.log(JSON.stringify(report))
  else console.log(`${model}, ${seeds === 1 ? 'one seed' : `${seeds} seeds`}\n\n${tableOf(reports)}\n`)
}

/** Tries every candidate and writes the best of each setting down; one JSON object a candidate. */
async function tune(): Promise<void> {
  const settings = JSON.parse(readFileSync(SETTINGS_FILE, 'utf8')) as Record<TaskName, Record<string, Setting>>
  for (const task of models) {
    const jobs = candidates(task).map(method => ({ task, method, seed: 'tune' }))
    await measure(jobs)
    if (stop.signal.aborted) return
    const tried = jobs.map(job => ({ ...job, ...store.get(job)! }))
    for (const { method, loss, accuracy } of tried) console.log(JSON.stringify({ task, method, loss, accuracy }))
    settings[task] = bestOf(tried)
  }
  writeFileSync(SETTINGS_FILE, `${JSON.stringify(settings, null, 2)}\n`)
}

/** Runs what the store does not have yet. */
async function measure(jobs: readonly RunJob[]): Promise<void> {
  const missing = jobs.filter(job => store.get(job) === undefined)
  let done = 0
  const began = performance.now()
  await runAll(missing, threads, stop.signal, async (job, result) => {
    await store.add(job, result)
    done++
    const minutes = ((performance.now() - began) / 60_000 / done) * (missing.length - done)
    const left = missing.length - done > 0 ? `, about ${Math.ceil(minutes)} min left` : ''
    console.error(`${job.task}: ${done} of ${missing.length} runs${left}`)
  })
}

function numberOf(name: string, text: string, most: number): number {
  if (/^[1-9]\d{0,3}$/.test(text) && Number(text) <= most) return Number(text)
  return usage(`--${name} is a number from 1 to ${most}, not "${text}".`)
}

function usage(problem: string): never {
  console.error(problem)
  process.exit(2)
}
