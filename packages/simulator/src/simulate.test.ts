import { describe, expect, test } from 'vitest'
import { engineWasm } from './engineWasm.ts'
import { planOf } from './plan.ts'
import { PlanProcess } from './runner/pool.ts'
import { planOfSeed, runPlan } from './runner/request.ts'
import { simulate } from './simulate.ts'

describe('a simulation', () => {
  test('one seed gives one history, another seed another', async () => {
    const run = (seed: number) => simulate({ seed, nodes: 4, wasm: engineWasm })
    const [once, again, other] = [await run(15), await run(15), await run(16)]
    expect(again).toEqual(once)
    expect(other.history).not.toBe(once.history)
  }, 60_000)

  test('is the same from a plan that went through a file', async () => {
    const plan = planOf({ seed: 17, nodes: 4 })
    const copy = JSON.parse(JSON.stringify(plan))
    const [drawn, read] = [
      await simulate({ seed: 17, nodes: 4, wasm: engineWasm }),
      await simulate({ seed: 17, plan: copy, wasm: engineWasm }),
    ]
    expect(read).toEqual(drawn)
  }, 60_000)

  test('is the same where answers are remembered and where all is worked out anew: training, transactions, traitors', async () => {
    const process = new PlanProcess()
    try {
      for (const seed of [15, 17, 21]) {
        const plan = planOfSeed(seed, { byzantine: 'some', nodes: 4 })
        expect(await process.run(plan)).toEqual(await runPlan(plan, engineWasm))
      }
    } finally {
      process.end()
    }
  }, 600_000)
})
