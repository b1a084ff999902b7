import { hashOf, utf8 } from '@hydraai/core'
import { describe, expect, test } from 'vitest'
import { labels, openEngine, readWasm, SMALL_CNN, values } from '../test/support.ts'
import type { Layer, ModelDocument } from './document.ts'
import { createEngine } from './engine.ts'
import type { Model } from './model.ts'
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
    { ...SGD, clipNorm: 0 },
    { ...SGD, schedule: { warmUp: 5, total: 4, floor: 0 } },
    { ...SGD, schedule: { warmUp: 1.5, total: 4, floor: 0 } },
    { ...SGD, schedule: { warmUp: 1, total: 4, floor: Number.NaN } },
    { ...SGD, type: 'lion' as 'sgd' },
  ])('refuses the optimiser %o', spec => {
    expect(() => openEngine().compile(MLP, 1).useOptimizer(spec)).toThrow(code('OPTIMIZER_INVALID'))
  })
})

const GPT: ModelDocument = {
  format: 'hydra-model/1',
  input: [6],
  layers: [
    { type: 'embedding', vocabulary: 9, width: 16 },
    { type: 'residual', layers: [{ type: 'layerNorm' }, { type: 'attention', heads: 2 }] },
    {
      type: 'residual',
      layers: [{ type: 'layerNorm' }, { type: 'dense', units: 32 }, { type: 'gelu' }, { type: 'dense', units: 16 }],
    },
    { type: 'layerNorm' },
    { type: 'tiedHead' },
  ],
  loss: 'masked-softmax-cross-entropy',
}

describe('a model of sequences', () => {
  const x = labels(4 * 6, 9, 3)
  const y = x.map(token => (token * 2 + 1) % 9)

  test('learns a rule for the next token', () => {
    const model = openEngine().compile(GPT, 4)
    model.initialise(seed)
    model.useOptimizer(ADAMW)
    for (let step = 0; step < 60; step++) model.trainStep(x, y)
    expect(model.evaluate(x, y, 4)).toMatchObject({ correct: 24, scored: 24 })
  })

  test('gives a place the same output whatever comes behind it', () => {
    const model = openEngine().compile(GPT, 1)
    model.initialise(seed)
    const changed = x.slice(0, 6)
    changed[4] = (changed[4]! + 1) % 9
    const [before, after] = [model.logits(x, 1), model.logits(changed, 1)]
    expect(after.subarray(0, 36)).toEqual(before.subarray(0, 36))
    expect(after.subarray(36)).not.toEqual(before.subarray(36))
  })

  test('leaves places out whose label is -1', () => {
    const model = openEngine().compile(GPT, 4)
    model.initialise(seed)
    const masked = y.map((label, i) => (i < 12 ? -1 : label))
    const [all, half] = [model.evaluate(x, y, 4), model.evaluate(x, masked, 4)]
    expect(half.scored).toBe(12)
    expect(half.lossSum + model.evaluate(x, y, 2).lossSum).toBeCloseTo(all.lossSum, 9)
    const still = { ...SGD, learningRate: 0 }
    model.useOptimizer(still)
    expect(model.trainStep(x, masked)).toBe(Math.fround(half.lossSum / 12))
    expect(
      model.trainStep(
        x,
        y.map(() => -1),
      ),
    ).toBe(0)
    expect(model.getGradients().every(v => v === 0)).toBe(true)
  })

  test('refuses tokens that are none, and labels where a mask is not allowed', () => {
    const model = openEngine().compile(GPT, 4)
    model.useOptimizer(SGD)
    expect(() =>
      model.trainStep(
        x.map(() => 9),
        y,
      ),
    ).toThrow(code('TOKEN_INVALID'))
    expect(() =>
      model.trainStep(
        x.map(() => -1),
        y,
      ),
    ).toThrow(code('TOKEN_INVALID'))
    expect(() => model.trainStep(Float32Array.from(x), y)).toThrow(code('SHAPE_MISMATCH'))
    expect(() =>
      model.trainStep(
        x,
        y.map(() => -2),
      ),
    ).toThrow(code('LABEL_INVALID'))
    const plain = openEngine().compile({ ...GPT, loss: 'softmax-cross-entropy' }, 4)
    plain.useOptimizer(SGD)
    expect(() =>
      plain.trainStep(
        x,
        y.map(() => -1),
      ),
    ).toThrow(code('LABEL_INVALID'))
  })
})

describe('squared errors', () => {
  test('are made small, and take values as targets', () => {
    const model = openEngine().compile({ ...MLP, loss: 'mse' }, 16)
    model.initialise(seed)
    model.useOptimizer(ADAMW)
    const [x, y] = [values(16 * 8), values(16 * 3, 1)]
    const first = model.trainStep(x, y)
    for (let step = 0; step < 300; step++) model.trainStep(x, y)
    expect(model.evaluate(x, y, 16).lossSum / 16).toBeLessThan(first / 10)
    expect(() => model.trainStep(x, labels(48, 3))).toThrow(code('SHAPE_MISMATCH'))
  })
})

describe('dropout', () => {
  const document: ModelDocument = {
    ...MLP,
    layers: [
      { type: 'dense', units: 400 },
      { type: 'dropout', ratePpm: 250_000 },
      { type: 'dense', units: 3 },
    ],
  }
  const [x, y] = [values(16 * 8), labels(16, 3)]
  const run = (name: string): number[] => {
    const model = openEngine().compile(document, 16)
    model.initialise(seed)
    model.useSeed(hashOf(utf8(name)))
    model.useOptimizer({ ...SGD, learningRate: 0 })
    return [1, 2, 3].map(() => model.trainStep(x, y))
  }

  test('draws from the seed, another mask each step', () => {
    const losses = run('one')
    expect(run('one')).toEqual(losses)
    expect(run('two')).not.toEqual(losses)
    expect(new Set(losses).size).toBe(3)
  })

  test('is not done in evaluation, and keeps the mean', () => {
    const model = openEngine().compile(document, 16)
    model.initialise(seed)
    expect(model.logits(x, 16)).toEqual(model.logits(x, 16))
    const bench = openEngine()
    const at = bench.allocator.allocate(40_000).address
    const ones = new Float32Array(bench.memory.buffer, at, 10_000).fill(1)
    bench.kernels.dropout(at, at, 10_000, 2 ** 30, 4 / 3, 0, 0, 1, 2)
    const kept = ones.filter(v => v !== 0)
    expect(Math.abs(kept.length - 7500)).toBeLessThan(150)
    expect(kept.every(v => v === Math.fround(4 / 3))).toBe(true)
  })

  test('needs a seed', () => {
    const model = openEngine().compile(document, 16)
    model.useOptimizer(SGD)
    expect(() => model.trainStep(x, y)).toThrow(code('SEED_MISSING'))
  })
})

describe('a step', () => {
  const [x, y] = [values(16 * 8), labels(16, 3)]
  const stepOf = (spec: Partial<OptimizerSpec>, count = 1): number[] => {
    const model = openEngine().compile(MLP, 16)
    model.initialise(seed)
    model.useOptimizer({ type: 'sgd', learningRate: 0.5, momentum: 0, nesterov: false, ...spec } as OptimizerSpec)
    return Array.from({ length: count }, () => {
      const before = model.getParameters()
      model.trainStep(x, y)
      const after = model.getParameters()
      return Math.sqrt(after.reduce((sum, v, i) => sum + (v - before[i]!) ** 2, 0))
    })
  }

  test('is no longer than the norm that gradients are clipped to', () => {
    const [free] = stepOf({})
    expect(stepOf({ clipNorm: 0.01 })[0]).toBeCloseTo(0.005, 5)
    expect(stepOf({ clipNorm: 1000 })[0]).toBe(free)
  })

  test('grows through the warm-up and shrinks along a cosine', () => {
    const lengths = stepOf({ clipNorm: 1e-3, schedule: { warmUp: 4, total: 12, floor: 0 } }, 13)
    const rates = lengths.map(length => length / 1e-3)
    for (const [step, rate] of rates.entries()) {
      const at = step + 1
      const expected = at <= 4 ? (0.5 * at) / 4 : at >= 12 ? 0 : 0.25 * (1 + Math.cos((Math.PI * (at - 4)) / 8))
      expect(Math.abs(rate - expected), `step ${at}`).toBeLessThan(0.01)
    }
    const later = stepOf({ clipNorm: 1e-3, schedule: { warmUp: 4, total: 12, floor: 0, done: 3 } })
    expect(Math.abs(later[0]! / 1e-3 - 0.5)).toBeLessThan(0.01)
  })
})

describe('the state of an optimiser', () => {
  const document: ModelDocument = { ...MLP, layers: MLP.layers.toSpliced(2, 0, { type: 'dropout', ratePpm: 300_000 }) }
  const schedule = { warmUp: 4, total: 12, floor: 1e-4 }
  const ADAM: OptimizerSpec = { ...ADAMW, weightDecay: 0.1, schedule, clipNorm: 0.5 }
  const batch = (step: number) => [values(16 * 8, step), labels(16, 3, step)] as const
  const fresh = (spec: OptimizerSpec): Model => {
    const model = openEngine().compile(document, 16)
    model.initialise(seed)
    model.useOptimizer(spec)
    model.useSeed(seed)
    return model
  }
  /** Takes the steps after `done` up to `until`, and gives all that there is to see. */
  const goOn = (model: Model, done: number, until: number) => {
    const losses: number[] = []
    for (let step = done; step < until; step++) losses.push(model.trainStep(...batch(step)))
    return { losses, parameters: model.getParameters(), ...model.getOptimizerState() }
  }

  test.each<[string, OptimizerSpec]>([
    ['AdamW', ADAMW],
    ['AdamW with a schedule and clipping', ADAM],
    ['AdamW that goes on from elsewhere', { ...ADAM, schedule: { ...schedule, done: 3 } }],
    ['SGD', { ...SGD, schedule }],
    ['SGD without momentum', { ...SGD, momentum: 0, nesterov: false }],
  ])('put back after any number of steps, with dropout, gives the bits of an unbroken run: %s', (_, spec) => {
    const whole = goOn(fresh(spec), 0, 14)
    for (const done of [0, 1, 3, 4, 5, 11, 13]) {
      const first = fresh(spec)
      const { parameters, step, state } = goOn(first, 0, done)
      expect(step).toBe(done)
      const other = fresh(spec)
      // What it did before leaves no trace.
      goOn(other, 5, 7)
      other.useOptimizer(spec)
      other.useSeed(seed)
      other.setParameters(parameters)
      other.setOptimizerState({ step, state })
      expect(goOn(other, done, 14)).toEqual({ ...whole, losses: whole.losses.slice(done) })
    }
  })

  test('begins as zeros, is copied both ways, and ends with the optimiser', () => {
    const model = fresh(ADAM)
    expect(model.getOptimizerState()).toEqual({ step: 0, state: new Float32Array(2 * model.parameterCount) })
    const { step, state } = goOn(model, 0, 3)
    expect(state.some(value => value !== 0)).toBe(true)
    const kept = state.slice()
    model.setOptimizerState({ step, state })
    state.fill(7)
    expect(model.getOptimizerState()).toEqual({ step: 3, state: kept })
    model.getOptimizerState().state.fill(7)
    expect(model.getOptimizerState().state).toEqual(kept)
    model.useOptimizer(ADAM)
    expect(model.getOptimizerState()).toEqual({ step: 0, state: new Float32Array(2 * model.parameterCount) })
  })

  test('is refused where it does not fit', () => {
    const bare = openEngine().compile(document, 16)
    const size = 2 * bare.parameterCount
    expect(() => bare.getOptimizerState()).toThrow(code('OPTIMIZER_MISSING'))
    expect(() => bare.setOptimizerState({ step: 0, state: new Float32Array(size) })).toThrow(code('OPTIMIZER_MISSING'))
    const model = fresh(ADAM)
    const wrong = [
      { step: 1, state: new Float32Array(size - 1) },
      { step: 1, state: new Float32Array(size + 1) },
      ...[-1, 0.5, Number.NaN, 1e9].map(step => ({ step, state: new Float32Array(size) })),
    ]
    for (const state of wrong) expect(() => model.setOptimizerState(state)).toThrow(code('OPTIMIZER_STATE_INVALID'))
    expect(goOn(model, 0, 2)).toEqual(goOn(fresh(ADAM), 0, 2))
    model.dispose()
    expect(() => model.getOptimizerState()).toThrow(code('MODEL_DISPOSED'))
  })
})

describe('memory', () => {
  test('is known before it is taken, and is taken once', () => {
    const engine = openEngine()
    for (const document of [MLP, SMALL_CNN, GPT]) {
      const bytes = engine.bytesOf(document, 8)
      expect(engine.allocatedBytes).toBe(0)
      const model = engine.compile(document, 8)
      model.useOptimizer(ADAMW)
      expect(engine.allocatedBytes).toBe(bytes)
      model.dispose()
    }
  })

  test('is shared by what is never alive at once', () => {
    const engine = openEngine()
    const block: Layer = { type: 'residual', layers: [{ type: 'dense', units: 64 }, { type: 'relu' }] }
    const growth = (count: number): number => {
      const deep = {
        ...MLP,
        input: [64],
        layers: [...Array<Layer>(count).fill(block), { type: 'dense', units: 3 } as Layer],
      }
      return engine.bytesOf(deep, 256)
    }
    // A block keeps its input and its rectified output, its parameters four times over, and no gradient.
    const kept = 2 * 256 * 64 * 4 + 4 * (64 * 64 + 64) * 4
    expect(growth(9) - growth(8)).toBeLessThanOrEqual(kept + 256)
  })

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
    const refusal = expect.objectContaining({ code: 'ENGINE_MEMORY', message: expect.stringMatching(/MiB/) })
    expect(() => engine.compile({ ...MLP, input: [60_000] }, 64)).toThrow(refusal)
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
