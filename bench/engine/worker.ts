// The engine's side of the benchmark: trains one workload, so many steps each time a line asks for them.
//
//     node worker.ts FOLDER NAME        in: {"steps":20}    out: {"times":[ms, …],"losses":[…]}
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { createEngine } from '@hydraai/engine'
import { DOCUMENTS, readWorkload, WASM } from './workloads.ts'

const [folder, name] = process.argv.slice(2) as [string, string]
const workload = readWorkload(folder, name)
const model = createEngine(readFileSync(WASM)).compile(DOCUMENTS[name]!, workload.batch)
model.setParameters(workload.parameters)
model.useOptimizer({
  type: 'adamw',
  learningRate: 1e-3,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0,
})
console.log(JSON.stringify({ ready: `engine, Node ${process.version}` }))

let step = 0
for await (const line of createInterface({ input: process.stdin })) {
  const { steps } = JSON.parse(line) as { steps: number }
  const times: number[] = []
  const losses: number[] = []
  for (let i = 0; i < steps; i++) {
    const { x, y } = workload.batches[step++ % workload.batches.length]!
    const started = performance.now()
    losses.push(model.trainStep(x, y))
    times.push(performance.now() - started)
  }
  console.log(JSON.stringify({ times, losses }))
}
