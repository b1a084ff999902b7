import type { Recipe } from '@hydraai/core'
import { describe, expect, test } from 'vitest'
import { tinyTask } from './documents/tinyTask.ts'
import { innerOptimizer } from './optimizer.ts'

const { recipe } = tinyTask()
const withInner = (inner: Partial<Recipe['inner']>): Recipe => ({ ...recipe, inner: { ...recipe.inner, ...inner } })

describe('the inner optimiser', () => {
  test('has neither schedule nor clipping where the recipe asks for none', () => {
    expect(innerOptimizer(recipe)).toEqual({
      type: 'adamw',
      learningRate: 0.03,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      weightDecay: 0.01,
    })
  })

  test('ends at a share of its peak with the last step of the unit', () => {
    const { stepsPerUnit } = recipe
    expect(innerOptimizer(withInner({ floorPpm: 500_000 }))).toMatchObject({
      learningRate: 0.03,
      schedule: { warmUp: 0, total: stepsPerUnit, floor: 0.015 },
    })
    expect(innerOptimizer(withInner({ warmUpSteps: 3 })).schedule).toEqual({
      warmUp: 3,
      total: stepsPerUnit,
      floor: 0.03,
    })
  })

  test('clips by the norm of the recipe', () => {
    expect(innerOptimizer(withInner({ clipNormPpm: 1_500_000 })).clipNorm).toBe(1.5)
  })
})
