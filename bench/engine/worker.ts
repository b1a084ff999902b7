// The engine's side of the benchmark: trains one workload, so many steps each time a line asks for them.
//
//     node worker.ts FOLDER NAME THREADS        in: {"steps":20}    out: {"times":[ms, …],"losses":[…]}
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { createEngine } from '@hydraai/engine'
import { startCrew } from '@hydraai/engine/threads/node'
import { createOpenEngine } from '../../packages/engine/src/engine.ts'
import { DOCUMENTS, MATMUL, MATMUL_SIZE, readWorkload, WASM } from './workloads.ts'

const [folder, name, threads] = process.argv.slice(2) as [string, string, string]
const wasm = readFileSync(WASM)
const crew = await startCrew(wasm, Number(threads))
const train = name === MATMUL ? matmul(MATMUL_SIZE) : trainer()

/** One product of two square matrices, as a step without a loss. */
function matmul(size: number): () => number {
  const { kernels, allocator } = createOpenEngine(wasm, { crew })
  const [a, b, c] = [0, 1, 2].map(() => allocator.allocate(size * size * 4).address) as [number, number, number]
  kernels.fillUniform(a, size * size, -1, 1, 0, 0, 0, 1, 2)
  kernels.fillUniform(b, size * size, -1, 1, 1, 0, 0, 1, 2)
  return () => {
    kernels.matmul(a, b, c, size, size, size, 0, 0, 0, 0)
    return 0
  }
}

function trainer(): (step: number) => number {
  const workload = readWorkload(folder, name)
  const model = createEngine(wasm, { crew }).compile(DOCUMENTS[name]!, workload.batch)
  model.setParameters(workload.parameters)
  model.useOptimizer({
    type: 'adamw',
    learningRate: 1e-3,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    weightDecay: 0,
  })
  return step => {
    const { x, y } = workload.batches[step % workload.batches.length]!
    return model.trainStep(x, y)
  }
}

console.log(JSON.stringify({ ready: `engine, Node ${process.version}, ${threads} threads` }))

let step = 0
for await (const line of createInterface({ input: process.stdin })) {
  const { steps } = JSON.parse(line) as { steps: number }
  const times: number[] = []
  const losses: number[] = []
  for (let i = 0; i < steps; i++) {
    const started = performance.now()
    losses.push(train(step++))
    times.push(performance.now() - started)
  }
  console.log(JSON.stringify({ times, losses }))
}
