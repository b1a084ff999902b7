import { hashOf, utf8 } from '@hydraai/core'
import { describe, expect, test } from 'vitest'
import { labels, openEngine, readWasm, SMALL_CNN, values } from '../test/support.ts'
import type { ModelDocument } from './document.ts'
import { createEngine } from './engine.ts'
import type { OptimizerSpec } from './optimizer.ts'
import { assertFinite } from './vectors.ts'

const seed = hashOf(utf8('a seed'))
const ADAMW: OptimizerSpec = {
  type: 'adamw',
  learningRate: 0.01,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.01,
}
const SGD: OptimizerSpec = { type: 'sgd', learningRate: 0.1, momentum: 0.9, nesterov: true }
const MLP: ModelDocument = {
  format: 'hydra-model/1',
  input: [8],
  layers: [{ type: 'dense', units: 12 }, { type: 'relu' }, { type: 'dense', units: 3 }],
  loss: 'softmax-cross-entropy',
}
const code = (name: string) => expect.objectContaining({ code: name })

describe('a model', () => {
  test.each([ADAMW, SGD])('learns what it is shown, by %o', spec => {
    const model = openEngine().compile(MLP, 16)
    model.initialise(seed)
    model.useOptimizer(spec)
    const [x, y] = [values(16 * 8), labels(16, 3)]
    const first = model.trainStep(x, y)
    for (let step = 0; step < 150; step++) model.trainStep(x, y)
    expect(model.trainStep(x, y)).toBeLessThan(first / 10)
    expect(model.evaluate(x, y, 16).correct).toBe(16)
  })

  test('evaluates fewer samples than its batch to the same bits', () => {
    const model = openEngine().compile(SMALL_CNN, 7)
    model.initialise(seed)
    const size = 2 * 13 * 11
    const [x, y] = [values(7 * size), labels(7, 10)]
    const whole = model.logits(x, 7)
    expect(whole.length).toBe(70)
    expect(model.logits(x.subarray(2 * size), 4)).toEqual(whole.slice(20, 60))
    const all = model.evaluate(x, y, 7)
    const apart = [0, 1, 2, 3, 4, 5, 6].map(i => model.evaluate(x.subarray(i * size), y.subarray(i), 1))
    expect(apart.map(one => one.predictions[0])).toEqual([...all.predictions])
    expect(apart.reduce((sum, one) => sum + one.lossSum, 0)).toBe(all.lossSum)
    expect(apart.reduce((sum, one) => sum + one.correct, 0)).toBe(all.correct)
  })

  test('gives one sample the same logits whatever batch it was compiled for', () => {
    const engine = openEngine()
    const x = values(2 * 13 * 11)
    const [small, large] = [1, 32].map(batch => {
      const model = engine.compile(SMALL_CNN, batch)
      model.initialise(seed)
      return model.logits(x, 1)
    })
    expect(small).toEqual(large)
  })

  test('takes the same step again from the same parameters and a fresh optimiser', () => {
    const model = openEngine().compile(SMALL_CNN, 4)
    model.initialise(seed)
    const start = model.getParameters()
    const [x, y] = [values(4 * 286), labels(4, 10)]
    const run = (): [number[], Float32Array] => {
      model.setParameters(start)
      model.useOptimizer(ADAMW)
      return [[1, 2, 3].map(() => model.trainStep(x, y)), model.getParameters()]
    }
    expect(run()).toEqual(run())
  })

  test('draws its weights from the seed, with the spread that its layers need', () => {
    const model = openEngine().compile({ ...MLP, input: [2000] }, 1)
    model.initialise(seed)
    const first = model.getParameters()
    const weights = first.subarray(0, 24_000)
    expect(weights.reduce((sum, w) => sum + w * w, 0) / 24_000).toBeCloseTo(2 / 2000, 4)
    expect([...first.subarray(24_000, 24_012)]).toEqual(Array(12).fill(0))
    model.initialise(hashOf(utf8('another')))
    expect(model.getParameters()).not.toEqual(first)
    model.initialise(seed)
    expect(model.getParameters()).toEqual(first)
  })

  test('that diverges ends in numbers that assertFinite refuses, not in a crash', () => {
    const model = openEngine().compile(SMALL_CNN, 4)
    model.initialise(seed)
    model.useOptimizer({ ...SGD, learningRate: 1e30 })
    const [x, y] = [values(4 * 286), labels(4, 10)]
    for (let step = 0; step < 4; step++) model.trainStep(x, y)
    expect(model.trainStep(x, y)).toBeNaN()
    expect(model.evaluate(x, y, 4).lossSum).toBeNaN()
    expect(() => assertFinite(model.getParameters(), 'parameters')).toThrow(code('NON_FINITE'))
  })

  test('hands out copies', () => {
    const model = openEngine().compile(MLP, 1)
    model.getParameters().fill(7)
    expect(model.getParameters().every(v => v === 0)).toBe(true)
  })

  test('refuses what does not fit it', () => {
    const engine = openEngine()
    const model = engine.compile(MLP, 4)
    const [x, y] = [values(32), labels(4, 3)]
    expect(() => model.trainStep(x, y)).toThrow(code('OPTIMIZER_MISSING'))
    model.useOptimizer(SGD)
    expect(() => model.trainStep(x.subarray(1), y)).toThrow(code('SHAPE_MISMATCH'))
    expect(() => model.trainStep(x, y.subarray(1))).toThrow(code('SHAPE_MISMATCH'))
    expect(() => model.trainStep(x, Int32Array.of(0, 1, 2, 3))).toThrow(code('LABEL_INVALID'))
    expect(() => model.trainStep(x, Int32Array.of(0, 1, 2, -1))).toThrow(code('LABEL_INVALID'))
    expect(() => model.evaluate(x, y, 5)).toThrow(code('SHAPE_MISMATCH'))
    expect(() => model.evaluate(x, y.subarray(2), 3)).toThrow(code('SHAPE_MISMATCH'))
    for (const count of [0, 1.5, 5, Number.NaN]) expect(() => model.logits(x, count)).toThrow(code('SHAPE_MISMATCH'))
    expect(() => model.logits(x.subarray(9), 3)).toThrow(code('SHAPE_MISMATCH'))
    expect(() => model.setParameters(new Float32Array(3))).toThrow(code('SHAPE_MISMATCH'))
    for (const batch of [0, -1, 1.5, 1e9]) expect(() => engine.compile(MLP, batch)).toThrow(code('BATCH_INVALID'))
    expect(() => engine.compile({ ...MLP, layers: [] }, 1)).toThrow(code('MODEL_INVALID'))
  })

  test.each<OptimizerSpec>([
    { ...ADAMW, learningRate: Number.NaN },
    { ...ADAMW, learningRate: -1 },
    { ...ADAMW, beta1: 1 },
    { ...ADAMW, beta2: -0.1 },
    { ...ADAMW, epsilon: 0 },
    { ...ADAMW, weightDecay: Infinity },
    { ...SGD, momentum: 1.5 },
    { ...SGD, type: 'lion' as 'sgd' },
  ])('refuses the optimiser %o', spec => {
    expect(() => openEngine().compile(MLP, 1).useOptimizer(spec)).toThrow(code('OPTIMIZER_INVALID'))
  })
})

describe('memory', () => {
  test('has an owner: 10,000 steps take none, and what is disposed of is used again', () => {
    const engine = openEngine()
    const model = engine.compile(MLP, 4)
    const [x, y] = [values(32), labels(4, 3)]
    model.initialise(seed)
    model.useOptimizer(ADAMW)
    const [held, size] = [engine.allocatedBytes, engine.memory.buffer.byteLength]
    expect(held).toBeGreaterThan(model.parameterCount * 16)
    for (let step = 0; step < 10_000; step++) {
      model.trainStep(x, y)
      if (step % 100 === 0) {
        model.useOptimizer(step % 200 === 0 ? SGD : ADAMW)
        model.evaluate(x, y, 3)
        const other = engine.compile(SMALL_CNN, 8)
        other.useOptimizer(ADAMW)
        other.dispose()
      }
    }
    model.useOptimizer(ADAMW)
    expect(engine.allocatedBytes).toBe(held)
    expect(engine.memory.buffer.byteLength).toBe(size)
    model.dispose()
    model.dispose()
    expect(engine.allocatedBytes).toBe(0)
    for (const use of [() => model.getParameters(), () => model.trainStep(x, y), () => model.logits(x, 1)]) {
      expect(use).toThrow(code('MODEL_DISPOSED'))
    }
  })

  test('that runs out is an error which leaves the engine usable', () => {
    const engine = createEngine(readWasm(), { memoryPages: 32 })
    expect(() => engine.compile({ ...MLP, input: [60_000] }, 64)).toThrow(code('ENGINE_MEMORY'))
    expect(engine.allocatedBytes).toBe(0)
    const model = engine.compile(MLP, 1)
    model.initialise(seed)
    expect(model.logits(values(8), 1).length).toBe(3)
  })
})

describe('an engine', () => {
  test('refuses a module that is not the one of this version', () => {
    const wasm = readWasm()
    wasm[wasm.length - 1]! ^= 1
    expect(() => createEngine(wasm)).toThrow(code('ENGINE_MISMATCH'))
    expect(() => createEngine(new Uint8Array(0))).toThrow(code('ENGINE_MISMATCH'))
  })
})
