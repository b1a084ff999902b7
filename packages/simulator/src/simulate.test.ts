import { describe, expect, test } from 'vitest'
import { engineWasm } from './engineWasm.ts'
import { simulate } from './simulate.ts'

const SEEDS = 50

describe('a network of four under loss, partitions and crashes', () => {
  test('one seed gives one history, another seed another', async () => {
    const [once, again, other] = [
      await simulate({ seed: 11, nodes: 4, wasm: engineWasm }),
      await simulate({ seed: 11, nodes: 4, wasm: engineWasm }),
      await simulate({ seed: 12, nodes: 4, wasm: engineWasm }),
    ]
    expect(again).toEqual(once)
    expect(other.history).not.toBe(once.history)
  })

  test(`${SEEDS} seeds: agreement, supply, nothing lost, nobody signs twice, and progress after healing`, async () => {
    let faults = 0
    for (let seed = 1; seed <= SEEDS; seed++) {
      const report = await simulate({ seed, nodes: 4, wasm: engineWasm })
      faults += Object.values(report.faults).reduce((sum, count) => sum + count, 0)
    }
    expect(faults).toBeGreaterThan(5 * SEEDS)
  }, 600_000)
})
