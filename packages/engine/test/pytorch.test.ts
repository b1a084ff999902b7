import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { DOCUMENTS, readWorkload, SMALL_BATCH, writeWorkload } from '../../../bench/engine/workloads.ts'
import { createEngine } from '../src/engine.ts'
import { readWasm } from './support.ts'

/** Recorded from PyTorch 1.13 by bench/pytorch/record.ts: Adam, learning rate 1e-3, the loss before each of 20 steps. */
const recorded = JSON.parse(readFileSync(new URL('pytorchLosses.json', import.meta.url), 'utf8')) as Record<
  string,
  number[]
>

describe('training agrees with PyTorch', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hydra-pytorch-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  test.each(Object.entries(DOCUMENTS))(
    'on the %s: to 1e-5 before the first step, to 1e-4 in twenty',
    (name, document) => {
      writeWorkload(folder, name, SMALL_BATCH[name]!)
      const { parameters, batches, batch } = readWorkload(folder, name)
      const model = createEngine(readWasm()).compile(document, batch)
      model.setParameters(parameters)
      model.useOptimizer({ type: 'adamw', learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 })
      const losses = batches.map(({ x, y }) => model.trainStep(x, y))
      const expected = recorded[name]!
      expect(losses.length).toBe(20)
      expect(Math.abs(losses[0]! - expected[0]!)).toBeLessThan(1e-5)
      losses.forEach((loss, step) => {
        expect(Math.abs(loss - expected[step]!), `step ${step}`).toBeLessThan(1e-4)
      })
      expect(losses[19]).not.toBe(losses[0])
    },
  )
})
