// Step times of the engine on small models, and a large matrix product, alone or in turn with PyTorch on one thread.
//
//     npm run bench -- [--pytorch] [--threads N] [--workloads DIR] [--json]
//
// --threads: the engine on N threads as well, in turn with the engine on one; on the first N cores.
// --pytorch: PyTorch trains the same batches, a round of one and a round of the other, both on the same core.
// --workloads: the folder's NAME.bin and NAME.json instead of workloads drawn here (bench/engine/workloads.ts).
// --json: one line a workload. A loss is the mean over the batch before the step of that number.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { MAX_THREADS } from '@hydraai/engine'
import { type Contestant, startContestant } from './engine/contestant.ts'
import { DOCUMENTS, MATMUL, MATMUL_SIZE, writeWorkload } from './engine/workloads.ts'

const WARM_UP_STEPS = 20
const ROUNDS = 10
/** PyTorch slower than this has no fast matrix library under it, and says nothing about the engine. */
const LEAST_GFLOPS = 20
const STEPS_OF_ROUND: Readonly<Record<string, number>> = { mlp: 60, cnn: 15, gpt: 3, matmul: 2 }
const BATCH: Readonly<Record<string, number>> = { mlp: 64, cnn: 32, gpt: 8 }
const ONE_THREAD = { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', MKL_NUM_THREADS: '1' }

interface Result {
  workload: string
  medianMs: number
  threads: number
  /** On `threads` threads; null when there is but one. */
  threadsMs: number | null
  pytorchMs: number | null
  ratio: number | null
  loss0: number
  loss19: number
  pytorchLoss0: number | null
  pytorchLoss19: number | null
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const note = (text: string): void => console.error(text)

function fail(message: string): never {
  note(message)
  process.exit(1)
}

/** Words that pin a command to the first cores, where the system has them. */
function pinned(cores: number): string[] {
  const words = ['taskset', '-c', `0-${cores - 1}`]
  return spawnSync(words[0]!, [...words.slice(1), 'true']).status === 0 ? words : []
}

function pythonWithTorch(): string {
  const candidates = [process.env.HYDRA_PYTHON, 'python3', '/usr/bin/python3'].filter(name => name !== undefined)
  const found = candidates.find(name => spawnSync(name, ['-c', 'import torch']).status === 0)
  return found ?? fail('No Python with PyTorch was found. bench/pytorch/README.md says how to install it.')
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

async function measure(name: string, folder: string, threads: number, python: string | null): Promise<Result> {
  const contestants: Contestant[] = []
  const engine = async (count: number): Promise<void> => {
    const command = [...pinned(count), process.execPath, here('engine/worker.ts'), folder, name, `${count}`]
    contestants.push(await startContestant(command))
  }
  try {
    await engine(1)
    if (threads > 1) await engine(threads)
    if (python !== null) {
      const torch = await startContestant([...pinned(1), python, here('pytorch/train.py'), folder, name], ONE_THREAD)
      contestants.push(torch)
      // GFLOP/s of a matrix product.
      const { gflops, blas } = torch.ready as { gflops: number; blas: string }
      if (gflops < LEAST_GFLOPS) {
        note(`PyTorch multiplies matrices at ${gflops} GFLOP/s: no fast BLAS under it (${blas}).`)
        note('The ratios below flatter the engine. bench/pytorch/README.md says what to install.')
      }
    }
    const losses: number[][] = []
    for (const contestant of contestants) losses.push((await contestant.run(WARM_UP_STEPS)).losses)
    const times: number[][] = contestants.map(() => [])
    for (let round = 0; round < ROUNDS; round++) {
      for (const [i, contestant] of contestants.entries()) {
        times[i]!.push(...(await contestant.run(STEPS_OF_ROUND[name]!)).times)
      }
    }
    const medians = times.map(median)
    const medianMs = medians[0]!
    const pytorchMs = python === null ? null : medians.at(-1)!
    const torchLosses = python === null ? null : losses.at(-1)!
    return {
      workload: name,
      medianMs,
      threads,
      threadsMs: threads > 1 ? medians[1]! : null,
      pytorchMs,
      ratio: pytorchMs === null ? null : medianMs / pytorchMs,
      loss0: losses[0]![0]!,
      loss19: losses[0]![19]!,
      pytorchLoss0: torchLosses?.[0] ?? null,
      pytorchLoss19: torchLosses?.[19] ?? null,
    }
  } finally {
    for (const contestant of contestants) contestant.stop()
  }
}

function print(result: Result): void {
  const { workload, medianMs, pytorchMs, ratio, loss0, loss19, pytorchLoss0, pytorchLoss19 } = result
  if (workload === MATMUL) {
    const gflops = (ms: number): string => ((2 * MATMUL_SIZE ** 3) / ms / 1e6).toFixed(1)
    console.log(`${workload} ${MATMUL_SIZE}³: ${medianMs.toFixed(2)} ms, ${gflops(medianMs)} GFLOP/s`)
    printThreads(result)
    if (pytorchMs === null) return
    console.log(`     PyTorch ${pytorchMs.toFixed(2)} ms, ${gflops(pytorchMs)} GFLOP/s, ratio ${ratio!.toFixed(2)}`)
    return
  }
  console.log(
    `${workload}: ${medianMs.toFixed(3)} ms a step, loss ${loss0.toFixed(7)}, after 19 steps ${loss19.toFixed(7)}`,
  )
  printThreads(result)
  if (pytorchMs === null || ratio === null || pytorchLoss0 === null || pytorchLoss19 === null) return
  console.log(
    `     PyTorch ${pytorchMs.toFixed(3)} ms, ratio ${ratio.toFixed(2)}, losses differ by ` +
      `${Math.abs(loss0 - pytorchLoss0).toExponential(1)} and ${Math.abs(loss19 - pytorchLoss19).toExponential(1)}`,
  )
}

function printThreads({ threads, threadsMs, medianMs }: Result): void {
  if (threadsMs === null) return
  console.log(`     ${threads} threads ${threadsMs.toFixed(3)} ms, ${(medianMs / threadsMs).toFixed(2)} times as fast`)
}

function optionsOf(args: string[]) {
  try {
    const options = {
      pytorch: { type: 'boolean' },
      threads: { type: 'string', default: '1' },
      workloads: { type: 'string' },
      json: { type: 'boolean' },
    } as const
    const { values } = parseArgs({ args, options })
    const threads = Number(values.threads)
    if (!Number.isSafeInteger(threads) || threads < 1 || threads > MAX_THREADS) {
      throw new Error(`--threads is ${values.threads}, but has to be 1 to ${MAX_THREADS}`)
    }
    return { ...values, threads }
  } catch (error) {
    note(`${(error as Error).message}\nusage: npm run bench -- [--pytorch] [--threads N] [--workloads DIR] [--json]`)
    process.exit(2)
  }
}

const options = optionsOf(process.argv.slice(2))
if (!existsSync(here('../packages/engine/build/engine.wasm'))) fail('The engine is not built. Run "npm run build".')
const python = options.pytorch ? pythonWithTorch() : null
const drawn = options.workloads === undefined ? mkdtempSync(join(tmpdir(), 'hydra-bench-')) : null
const folder = options.workloads ?? drawn!
try {
  if (drawn !== null) for (const name of Object.keys(DOCUMENTS)) writeWorkload(drawn, name, BATCH[name]!)
  if (!existsSync(folder)) fail(`There is no folder ${folder}.`)
  const names = readdirSync(folder)
    .filter(file => file.endsWith('.json'))
    .map(file => file.slice(0, -5))
  for (const name of names.filter(name => DOCUMENTS[name] === undefined)) {
    note(`${name}: skipped, the engine has no such model yet`)
  }
  const known = Object.keys(DOCUMENTS).filter(name => names.includes(name))
  if (known.length === 0) fail(`${folder} holds none of the workloads ${Object.keys(DOCUMENTS).join(', ')}.`)
  for (const name of [...known, MATMUL]) {
    const result = await measure(name, folder, options.threads, python)
    if (options.json) console.log(JSON.stringify(result))
    else print(result)
  }
} finally {
  if (drawn !== null) rmSync(drawn, { recursive: true })
}
