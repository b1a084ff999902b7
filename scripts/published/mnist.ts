// Trains the digit model for three passes over its data and prints the hash of what comes out: the same on every machine.
//
//     npm run published-hash            compares with docs/published-hash.md
//     npm run published-hash -- --json
//
// One thread, some seconds. Exit code 0 if the hash is the published one.
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { contentIdOf, type Hash, taggedHash, utf8 } from '@hydraai/core'
import { mnistTask } from '@hydraai/datasets'
import { createEngine, ENGINE_SHA256, parametersToBytes } from '@hydraai/engine'
import { evaluateModel, initialParameters, samplesOf } from '@hydraai/training'

const PASSES = 3
const BATCH = 32

/** What {@link trainDigits} ends with. */
export interface TrainedDigits {
  readonly hash: Hash
  readonly steps: number
  readonly correct: number
  readonly total: number
}

/** Plain AdamW over the 9,000 training digits in their order, from parameters that are drawn for this page. */
export async function trainDigits(onStep?: (step: number, steps: number) => void): Promise<TrainedDigits> {
  const { document, dataset } = await mnistTask()
  const engine = createEngine(await readFile(fileURLToPath(import.meta.resolve('@hydraai/engine/engine.wasm'))))
  const model = engine.compile(document, BATCH)
  model.setParameters(initialParameters(engine, document, taggedHash('hydra/published/1', utf8('mnist'))))
  const rate = { learningRate: 0.003, schedule: { warmUp: 20, total: 0, floor: 0.0001 } }
  const perPass = Math.floor(dataset.trainCount / BATCH)
  const steps = PASSES * perPass
  rate.schedule.total = steps
  model.useOptimizer({ type: 'adamw', ...rate, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 })
  for (let step = 0; step < steps; step++) {
    const first = (step % perPass) * BATCH
    const { x, y } = samplesOf(
      dataset,
      Int32Array.from({ length: BATCH }, (_, i) => first + i),
    )
    model.trainStep(x, y)
    onStep?.(step + 1, steps)
  }
  const parameters = model.getParameters()
  const { correct, total } = evaluateModel({ model, dataset, parameters })
  model.dispose()
  return { hash: contentIdOf(parametersToBytes(parameters)), steps, correct, total }
}

/** The hash in the page, for the reader and for the comparison. */
export async function publishedHash(): Promise<string> {
  const page = await readFile(fileURLToPath(new URL('../../docs/published-hash.md', import.meta.url)), 'utf8')
  return /^ {4}([0-9a-f]{64})$/m.exec(page)?.[1] ?? ''
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const live = process.stderr.isTTY === true
  const result = await trainDigits((step, steps) => {
    if (live && step % 20 === 0) process.stderr.write(`\rstep ${step} of ${steps}`)
  })
  if (live) process.stderr.write('\r\x1b[2K')
  const published = await publishedHash()
  const same = result.hash === published
  if (process.argv.includes('--json'))
    console.log(JSON.stringify({ ...result, engine: ENGINE_SHA256, published, same }))
  else {
    console.log(`${result.steps} steps, ${result.correct} of ${result.total} held-out digits right`)
    console.log(result.hash)
    console.log(same ? 'the same as published' : `published is ${published}`)
  }
  process.exitCode = same ? 0 : 1
}
