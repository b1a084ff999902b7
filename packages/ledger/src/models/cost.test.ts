import type { ModelDocument } from '@hydraai/engine'
import { describe, expect, it } from 'vitest'
import { genesisOf } from '../../test/world.ts'
import { operationsOf, unitOperations } from './cost.ts'

const document = (input: number[], layers: ModelDocument['layers']): ModelDocument => ({
  format: 'hydra-model/1',
  input,
  layers,
  loss: 'softmax-cross-entropy',
})

describe('operationsOf', () => {
  it('counts the multiply-adds of each kind of layer', () => {
    expect(operationsOf(document([10], [{ type: 'dense', units: 3 }]))).toBe(30)
    // 2 filters of 3×3 over one channel, at 4×4 places.
    const conv = { type: 'conv2d' as const, filters: 2, kernel: 3, padding: 1 }
    expect(operationsOf(document([1, 4, 4], [conv]))).toBe(2 * 9 * 16)
    expect(operationsOf(document([1, 5, 5], [{ ...conv, padding: 0, stride: 2 }]))).toBe(2 * 9 * 4)
    const [pool, flatten, dense] = [
      { type: 'maxpool2d' as const, size: 2 },
      { type: 'flatten' as const },
      { type: 'dense' as const, units: 2 },
    ]
    expect(operationsOf(document([1, 4, 4], [conv, pool, flatten, dense]))).toBe(2 * 9 * 16 + 32 + 8 * 2)
  })

  it('counts every place of a sequence, attention by the square of its length', () => {
    const head = [{ type: 'embedding' as const, vocabulary: 50, width: 8 }, { type: 'tiedHead' as const }]
    expect(operationsOf(document([6], head))).toBe(6 * 8 + 6 * 8 * 50)
    const attention = { type: 'attention' as const, heads: 2 }
    const block = { type: 'residual' as const, layers: [attention, { type: 'dense' as const, units: 8 }] }
    const inner = 6 * 8 * (4 * 8 + 2 * 6) + 6 * 8 * 8
    expect(operationsOf(document([6], [head[0]!, block, block, head[1]!]))).toBe(6 * 8 + 2 * inner + 6 * 8 * 50)
  })
})

describe('unitOperations', () => {
  it('grows with the steps, the batch and the probe', () => {
    const { recipe } = genesisOf([]).models[0]!
    const model = document([10], [{ type: 'dense', units: 3 }])
    const step = 3 * recipe.batchSize * 30 + 8 * 33
    expect(unitOperations(model, recipe)).toBe(recipe.stepsPerUnit * step + 2 * recipe.probeSamples * 30)
  })
})
