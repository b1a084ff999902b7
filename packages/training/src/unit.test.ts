import {
  commitmentOf,
  contentIdOf,
  float32Bits,
  float32OfBits,
  type Hash,
  sealOf,
  segmentKeysRoot,
  segmentsOf,
} from '@hydraai/core'
import { parametersToBytes } from '@hydraai/engine'
import { beforeAll, describe, expect, test } from 'vitest'
import { type ImageJob, shortCnnJob, tinyJob } from '../test/fixtures.ts'
import { loadEngine } from '../test/loadEngine.ts'
import { decodePayload } from './payload.ts'
import { scoreSamples } from './score.ts'
import { segmentEnd, traceUnit } from './steps.ts'
import { encodeState, stateHashesOf, traceRootOf } from './trace.ts'
import { type TrainedUnit, trainUnit, type UnitJob } from './unit.ts'

let job: ImageJob
beforeAll(() => {
  job = tinyJob(loadEngine())
})
const withRecipe = (changed: Partial<UnitJob['recipe']>): UnitJob => ({ ...job, recipe: { ...job.recipe, ...changed } })
const withInner = (changed: Partial<UnitJob['recipe']['inner']>): UnitJob => {
  return withRecipe({ inner: { ...job.recipe.inner, ...changed } })
}
/** What the steps come to, before it is compressed. */
const thetaOf = (of: UnitJob): Float32Array => {
  for (const _ of traceUnit(of, segmentsOf(of.recipe)));
  return of.model.getParameters()
}
const deltaOf = (of: UnitJob, unit: TrainedUnit): Float32Array => {
  return decodePayload(unit.payload, of.recipe, of.parameters.length).delta
}
/** The body of a payload, which stands behind the leaves of the trace. */
const bodyOf = (of: UnitJob, unit: TrainedUnit): Uint8Array => unit.payload.subarray(9 + 32 * segmentsOf(of.recipe))

describe('a unit of training', () => {
  test('gives the same bits again, also on a model that did other work in between', () => {
    const first = trainUnit(job)
    trainUnit({ ...job, id: { ...job.id, unit: 1 } })
    expect(trainUnit(job)).toEqual(first)
    expect(trainUnit(tinyJob(loadEngine()))).toEqual(first)
  })

  test('gives the committed bits', () => {
    const { payload, ...tiny } = trainUnit(job)
    expect(tiny).toMatchInlineSnapshot(`
      {
        "commitment": "917870d830ef09ace308550a916b88cdf5987dbb64ee6f5541427690649dbed5",
        "keys": [
          "790f2b4b3942a3c27303dcdcef01eca0b56cc65c5d9cb4edb714e05f7c8b622e",
          "adf38dc159f15d14b2f210b9f51da68dc8936f5c4cbc106473ab4aff6110752e",
        ],
        "lossAfter": 1065639717,
        "lossBefore": 1066173570,
        "payloadId": "5807fe67da52c3d71f921b50d341916ebe8276067d3e666d046d5eb017b9fd94",
        "residual": null,
        "residualId": null,
        "seal": "e5adfec4330af65c1e5a04d7c77f84841907cc50e8112bf7d9782e6633db04d4",
        "traceRoot": "fa4a63b87c207cc8747ad938a97f9712960d166377b150dd34d95f4270b21786",
      }
    `)
    expect(contentIdOf(payload.subarray(9 + 2 * 32))).toBe(
      '5ee120de27d4fa749ddfa28bbb728e41206273ef0cd68123cd47ad671770b339',
    )
    const cnn = shortCnnJob(loadEngine())
    const { traceRoot, lossBefore, lossAfter } = trainUnit(cnn)
    const theta = contentIdOf(parametersToBytes(thetaOf(cnn)))
    expect({ theta, traceRoot, lossBefore, lossAfter }).toMatchInlineSnapshot(`
      {
        "lossAfter": 1075683806,
        "lossBefore": 1077162269,
        "theta": "f4bf9bbb35887eca96594aab5fe54718c371844c44149ef8134fe49a22cd446f",
        "traceRoot": "dc49fbb58c598d372e065e52789dedb748182a5fefdaaef5ecc64e26662f34cd",
      }
    `)
    expect(theta).toBe('f4bf9bbb35887eca96594aab5fe54718c371844c44149ef8134fe49a22cd446f')
  })

  test('lowers the loss on its probe and leaves the parameters it began with alone', () => {
    const before = job.parameters.slice()
    const { lossBefore, lossAfter } = trainUnit(withRecipe({ stepsPerUnit: 40 }))
    expect(float32OfBits(lossAfter)).toBeLessThan(0.7 * float32OfBits(lossBefore))
    expect(job.parameters).toEqual(before)
  })

  test('claims the losses of the base and of what its payload makes of it', () => {
    const unit = trainUnit(job)
    const delta = deltaOf(job, unit)
    const lossOf = (parameters: Float32Array): number => {
      job.model.setParameters(parameters)
      return float32Bits(scoreSamples(job.model, job.dataset, job.probe, job.recipe.batchSize).loss)
    }
    expect(unit.lossBefore).toBe(lossOf(job.parameters))
    expect(unit.lossAfter).toBe(lossOf(job.parameters.map((value, i) => value - delta[i]!)))
    expect(unit.lossAfter).not.toBe(lossOf(thetaOf(job)))
    expect(trainUnit({ ...job, lossBefore: unit.lossBefore })).toEqual(unit)
  })

  test('sends the pseudo-gradient: what decodes is parameters minus theta, up to its rounding', () => {
    const theta = thetaOf(job)
    const decoded = deltaOf(job, trainUnit(job))
    const largest = theta.reduce((most, value, i) => Math.max(most, Math.abs(job.parameters[i]! - value)), 0)
    theta.forEach((value, i) => {
      expect(Math.abs(job.parameters[i]! - value - decoded[i]!)).toBeLessThanOrEqual(largest / 127)
    })
  })

  test('takes up what the compression of an earlier one left, where its recipe says so', () => {
    const sparse = withRecipe({ compression: { type: 'sparse', keepPpm: 50_000, decayPpm: 900_000 } })
    const first = trainUnit(sparse)
    expect(first.residualId).toBe(contentIdOf(first.residual!))
    const second = trainUnit({ ...sparse, residual: first.residual })
    expect(second.payloadId).not.toBe(first.payloadId)
    expect(second.residualId).not.toBe(first.residualId)
    expect(second.keys).toEqual(first.keys)
    expect([trainUnit(job).residual, trainUnit(job).residualId]).toEqual([null, null])
    expect(() => trainUnit({ ...sparse, residual: new Uint8Array(3) })).toThrow(
      expect.objectContaining({ code: 'UPDATE_INVALID' }),
    )
  })

  test('follows the schedule and the clipping of its recipe', () => {
    const theta = (inner: Partial<UnitJob['recipe']['inner']>) => thetaOf(withInner(inner))
    const plain = theta({})
    expect(theta({ floorPpm: 1_000_000, warmUpSteps: 0, clipNormPpm: 0 })).toEqual(plain)
    for (const inner of [{ floorPpm: 100_000 }, { warmUpSteps: 2 }, { clipNormPpm: 1 }]) {
      expect(theta(inner)).not.toEqual(plain)
    }
    // Steps of the rate 0 but for weight decay, which has the same rate, change nothing.
    expect(theta({ learningRatePpm: 0 })).toEqual(job.parameters)
  })

  test('drops out what its own seed says: the same again, another for another unit', () => {
    const { document } = job.model
    const layers = document.layers.toSpliced(2, 0, { type: 'dropout', ratePpm: 500_000 })
    const dropping = { ...job, model: loadEngine().compile({ ...document, layers }, job.recipe.batchSize) }
    const theta = thetaOf(dropping)
    expect(theta).not.toEqual(thetaOf(job))
    thetaOf({ ...dropping, id: { ...job.id, unit: 1 } })
    expect(thetaOf(dropping)).toEqual(theta)
  })

  test('reports every step', () => {
    const seen: number[] = []
    trainUnit({ ...job, onStep: ({ step, steps, loss }) => seen.push(step, steps, loss > 0 ? 1 : 0) })
    const { stepsPerUnit } = job.recipe
    expect(seen).toEqual(Array.from({ length: stepsPerUnit }, (_, i) => [i + 1, stepsPerUnit, 1]).flat())
  })

  test('throws when training diverges', () => {
    const inner = { ...job.recipe.inner, learningRatePpm: 100_000_000, weightDecayPpm: 100_000_000 }
    expect(() => trainUnit(withRecipe({ stepsPerUnit: 40, inner }))).toThrow(
      expect.objectContaining({ code: 'NON_FINITE' }),
    )
  })
})

describe('what a unit commits to', () => {
  const leavesOf = (of: UnitJob): readonly Hash[] => {
    return decodePayload(trainUnit(of).payload, of.recipe, of.parameters.length).leaves
  }

  test('is all that it reveals, and the losses and keys that it opens', () => {
    const unit = trainUnit(job)
    const { payloadId: payload, traceRoot, residualId: residual, lossBefore, lossAfter, keys } = unit
    expect(unit.payloadId).toBe(contentIdOf(unit.payload))
    expect(unit.traceRoot).toBe(traceRootOf(leavesOf(job)))
    expect(unit.commitment).toBe(commitmentOf({ trainer: job.id.trainer, payload, traceRoot, residual }))
    expect(unit.seal).toBe(sealOf({ lossBefore, lossAfter, keysRoot: segmentKeysRoot(keys) }))
    expect(bodyOf(job, unit).length).toBe(8 + 4 + job.parameters.length)
  })

  test('has a leaf and a key every few steps and one for the end', () => {
    const traced = (stepsPerUnit: number, traceEvery: number) => {
      const changed = withRecipe({ stepsPerUnit, traceEvery })
      expect(trainUnit(changed).keys.length).toBe(segmentsOf(changed.recipe))
      return leavesOf(changed)
    }
    const five = traced(5, 2)
    expect(five.length).toBe(3)
    // Those of a prefix are the same: a segment can be replayed on its own.
    expect(traced(4, 2)).toEqual(five.slice(0, 2))
    expect(traced(5, 100)).toEqual(five.slice(2))
    expect(
      [0, 1, 2].map(segment => segmentEnd(withRecipe({ stepsPerUnit: 5, traceEvery: 2 }).recipe, segment)),
    ).toEqual([2, 4, 5])
  })

  test('are states: parameters and moments together, and keys that do not follow from the leaves', () => {
    const run = withRecipe({ stepsPerUnit: 2, traceEvery: 1 })
    const unit = trainUnit(run)
    const moments = new Float32Array(2 * job.parameters.length)
    const states = [...traceUnit(run, 2)]
    expect(unit.keys).toEqual(states.map(({ key }) => key))
    expect(leavesOf(run)).toEqual(states.map(({ leaf }) => leaf))
    const still = stateHashesOf(encodeState({ step: 2, parameters: thetaOf(run), moments }))
    expect(still.leaf).not.toBe(leavesOf(run)[1])
    expect(new Set([...unit.keys, ...leavesOf(run)]).size).toBe(4)
  })
})
