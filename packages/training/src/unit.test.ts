import { contentIdOf, float32Bits, type Hash, ZERO_HASH } from '@hydraai/core'
import { parametersToBytes } from '@hydraai/engine'
import { beforeAll, describe, expect, test } from 'vitest'
import { shortCnnJob, tinyJob } from '../test/fixtures.ts'
import { loadEngine } from '../test/loadEngine.ts'
import { assignUnit } from './assignment.ts'
import { strataOf } from './dataset.ts'
import { replayKeyOf, traceLeaf, traceRootOf } from './proof.ts'
import { runUnit, trainUnit, type UnitJob } from './unit.ts'
import { decodeUpdate } from './updateCodec.ts'

let job: UnitJob
beforeAll(() => {
  job = tinyJob(loadEngine())
})
const run = (changed: UnitJob) => {
  const assignment = assignUnit({ ...changed.id, recipe: changed.recipe, strata: strataOf(changed.dataset) })
  return runUnit({ ...changed, assignment })
}

describe('a unit of training', () => {
  test('gives the same bits again, also on a model that did other work in between', () => {
    const first = trainUnit(job)
    trainUnit({ ...job, id: { ...job.id, unit: 1 } })
    expect(trainUnit(job)).toEqual(first)
    expect(trainUnit(tinyJob(loadEngine()))).toEqual(first)
  })

  test('gives the committed bits', () => {
    const { payload, ...tiny } = trainUnit(job)
    expect(payload.length).toBe(tinyPayloadBytes())
    expect(tiny).toMatchInlineSnapshot(`
      {
        "commitment": "5e87b8296183eed80d85e1a5c26c3e009072fc41613fcbc48b77af8485abafad",
        "lossAfter": 1065762564,
        "lossBefore": 1066124694,
        "payloadId": "5ee120de27d4fa749ddfa28bbb728e41206273ef0cd68123cd47ad671770b339",
        "replayKey": "670b9521b455fb66754320dae49904602cfaf608cfbe8d9aef478f07e44546ae",
        "replayKeyHash": "ed53cb302c23dd978ad4de32e0dc7f2add01df0a34d56216cd67b59dce09b86c",
        "traceRoot": "f90da295dd11481d88d6a4ac079e04c6a11fbf135408e6052fa7039d1aea9bc9",
      }
    `)
    const cnn = run(shortCnnJob(loadEngine()))
    expect({
      theta: contentIdOf(parametersToBytes(cnn.theta)),
      traceRoot: cnn.traceRoot,
      losses: [float32Bits(cnn.lossBefore), float32Bits(cnn.lossAfter)],
    }).toMatchInlineSnapshot(`
      {
        "losses": [
          1077006174,
          1075394153,
        ],
        "theta": "f4bf9bbb35887eca96594aab5fe54718c371844c44149ef8134fe49a22cd446f",
        "traceRoot": "030e5968a7c36a0ea626cae38359ffc01fcbc23df7743f3f282ce2de466468fa",
      }
    `)
  })

  test('lowers the loss on its probe and leaves the parameters it began with alone', () => {
    const before = job.parameters.slice()
    const { lossBefore, lossAfter, theta } = run({ ...job, recipe: { ...job.recipe, stepsPerUnit: 40 } })
    expect(lossAfter).toBeLessThan(0.7 * lossBefore)
    expect(job.parameters).toEqual(before)
    expect(theta).not.toEqual(before)
  })

  test('sends the pseudo-gradient: what decodes is parameters minus theta, up to its rounding', () => {
    const { theta } = run(job)
    const decoded = decodeUpdate(trainUnit(job).payload, theta.length)
    const largest = theta.reduce((most, value, i) => Math.max(most, Math.abs(job.parameters[i]! - value)), 0)
    theta.forEach((value, i) => {
      expect(Math.abs(job.parameters[i]! - value - decoded[i]!)).toBeLessThanOrEqual(largest / 127)
    })
  })

  test('follows the schedule and the clipping of its recipe', () => {
    const theta = (inner: Partial<UnitJob['recipe']['inner']>) => {
      return run({ ...job, recipe: { ...job.recipe, inner: { ...job.recipe.inner, ...inner } } }).theta
    }
    const plain = theta({})
    expect(theta({ floorPpm: 1_000_000, warmUpSteps: 0, clipNormPpm: 0 })).toEqual(plain)
    for (const inner of [{ floorPpm: 100_000 }, { warmUpSteps: 2 }, { clipNormPpm: 1 }]) {
      expect(theta(inner)).not.toEqual(plain)
    }
    // Steps of the rate 0 but for weight decay, which has the same rate, change nothing.
    expect(theta({ learningRatePpm: 0 })).toEqual(job.parameters)
  })

  test('drops out what its own seed says: the same again, another for another unit', () => {
    const engine = loadEngine()
    const { document } = job.model
    const layers = document.layers.toSpliced(2, 0, { type: 'dropout', ratePpm: 500_000 })
    const dropping = { ...job, model: engine.compile({ ...document, layers }, job.recipe.batchSize) }
    const { batches, probe, seed } = assignUnit({ ...job.id, recipe: job.recipe, strata: strataOf(job.dataset) })
    const theta = (unitSeed: Hash) => runUnit({ ...dropping, assignment: { batches, probe, seed: unitSeed } }).theta
    expect(theta(seed)).toEqual(theta(seed))
    expect(theta(seed)).not.toEqual(theta(ZERO_HASH))
    expect(theta(seed)).not.toEqual(run(job).theta)
    const first = trainUnit(dropping)
    trainUnit({ ...dropping, id: { ...job.id, unit: 1 } })
    expect(trainUnit(dropping)).toEqual(first)
  })

  test('reports every step', () => {
    const seen: number[] = []
    trainUnit({ ...job, onStep: ({ step, steps, loss }) => seen.push(step, steps, loss > 0 ? 1 : 0) })
    const { stepsPerUnit } = job.recipe
    expect(seen).toEqual(Array.from({ length: stepsPerUnit }, (_, i) => [i + 1, stepsPerUnit, 1]).flat())
  })

  test('has a leaf every few steps and one for the end', () => {
    const leavesFor = (stepsPerUnit: number, traceEvery: number) => {
      return run({ ...job, recipe: { ...job.recipe, stepsPerUnit, traceEvery } })
    }
    expect(leavesFor(5, 2).leaves.length).toBe(3)
    expect(leavesFor(4, 2).leaves.length).toBe(2)
    const { leaves, theta, traceRoot } = leavesFor(3, 100)
    expect(leaves).toEqual([traceLeaf(3, theta)])
    expect(traceRoot).toBe(traceRootOf(leaves))
    // Leaves of a prefix are the same: a segment can be replayed on its own.
    expect(leavesFor(4, 2).leaves).toEqual(leavesFor(5, 2).leaves.slice(0, 2))
  })

  test('throws when training diverges', () => {
    const inner = { ...job.recipe.inner, learningRatePpm: 100_000_000, weightDecayPpm: 100_000_000 }
    expect(() => trainUnit({ ...job, recipe: { ...job.recipe, stepsPerUnit: 40, inner } })).toThrow(
      expect.objectContaining({ code: 'NON_FINITE' }),
    )
  })

  test('has a replay key that changes with any loss and any leaf', () => {
    const { leaves } = run(job)
    const key = replayKeyOf([1, 2], leaves)
    expect(replayKeyOf([1, 2 + 2 ** -22], leaves)).not.toBe(key)
    expect(replayKeyOf([1, 2], leaves.toReversed())).not.toBe(key)
    expect(replayKeyOf([1], leaves)).not.toBe(key)
  })
})

function tinyPayloadBytes(): number {
  const parameters = 16 * 8 + 8 + 8 * 3 + 3
  return 8 + 4 + parameters
}
