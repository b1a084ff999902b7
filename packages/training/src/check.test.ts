import {
  contentIdOf,
  type Findings,
  float32Bits,
  type Hash,
  isSuspicious,
  type LightFault,
  segmentsOf,
} from '@hydraai/core'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { addressNamed, checkOf, claimOf, type ImageJob, tinyJob } from '../test/fixtures.ts'
import { loadEngine } from '../test/loadEngine.ts'
import { type CheckJob, checkLight, checkUnit } from './check.ts'
import type { ImageDataset } from './data/images.ts'
import { decodePayload, encodePayload } from './payload.ts'
import { sealUnit } from './sealing.ts'
import { traceRootOf } from './trace.ts'
import { type TrainedUnit, trainUnit, type UnitJob } from './unit.ts'

const foreign = 'ee'.repeat(32) as Hash
const compressions = [{ type: 'int8' }, { type: 'sparse', keepPpm: 100_000, decayPpm: 900_000 }] as const

let job: ImageJob
let honest: TrainedUnit
beforeAll(() => {
  const tiny = tinyJob(loadEngine())
  job = { ...tiny, recipe: { ...tiny.recipe, stepsPerUnit: 7 } }
  honest = trainUnit(job)
})

const all = (of: UnitJob = job): number => segmentsOf(of.recipe)
const check = (unit: TrainedUnit, changed: Partial<CheckJob> = {}): Findings => {
  return checkUnit({ ...checkOf(job, unit, all()), ...changed })
}
const faultOf = (unit: TrainedUnit, changed: Partial<CheckJob> = {}): LightFault | null => {
  const { fault, ...rest } = check(unit, changed)
  if (fault !== null) expect(rest).toEqual({ lossBefore: 0, lossAfter: 0, freshBefore: 0, freshAfter: 0, replay: null })
  return fault
}
/** The same unit with another payload, to which its trainer commits. */
const withPayload = (unit: TrainedUnit, payload: Uint8Array): TrainedUnit => {
  return { ...unit, payload, payloadId: contentIdOf(payload) }
}
/** What `theta` would be sealed to behind the honest leaves. */
const sealedAs = (theta: Float32Array): TrainedUnit => {
  const { leaves } = decodePayload(honest.payload, job.recipe, job.parameters.length)
  return withPayload(honest, sealUnit(job, theta, leaves).payload)
}
const mismatchOf = (unit: TrainedUnit, changed: Partial<CheckJob> = {}) => check(unit, changed).replay?.mismatch

describe('an honest unit', () => {
  test.each(compressions)('is found as it was claimed, whatever part of it is replayed, with $type', compression => {
    const recipe = fc.record({
      stepsPerUnit: fc.integer({ min: 1, max: 9 }),
      traceEvery: fc.integer({ min: 1, max: 9 }),
    })
    fc.assert(
      fc.property(recipe, fc.nat(3), fc.nat(10), fc.boolean(), (steps, unit, segments, isFirst) => {
        const before = { ...job, recipe: { ...job.recipe, ...steps, compression } }
        const residual = isFirst ? null : trainUnit(before).residual
        const work = { ...before, residual, id: { ...job.id, unit } }
        const trained = trainUnit(work)
        const found = checkUnit(checkOf(work, trained, segments))
        expect(found).toMatchObject({ fault: null, lossBefore: trained.lossBefore, lossAfter: trained.lossAfter })
        const replayed = Math.min(segments, all(work))
        const replay = { segments: replayed, keys: trained.keys.slice(0, replayed), mismatch: null }
        if (!isSuspicious(found, float32Bits(1))) expect(found.replay).toEqual(replayed === 0 ? null : replay)
      }),
      { numRuns: 40 },
    )
  })

  test('is found the same on another engine, and with what is known before', () => {
    const found = check(honest)
    const elsewhere = tinyJob(loadEngine())
    expect(check(honest, { model: elsewhere.model })).toEqual(found)
    expect(check(honest, { lossBefore: found.lossBefore, freshBefore: found.freshBefore })).toEqual(found)
    const { replay: _, ...light } = found
    expect(checkLight(checkOf(job, honest, 0))).toEqual(light)
  })

  test('is as good on a model without work', () => {
    const dead = { ...job, parameters: new Float32Array(job.parameters.length) }
    expect(mismatchOf(trainUnit(dead), { parameters: dead.parameters })).toBe(null)
  })

  test('that spoils the model is replayed wholly, drawn for that or not', () => {
    const spoilt = sealedAs(job.parameters.map((value, i) => value + (i % 2 === 0 ? 20 : -20)))
    const found = check(spoilt, { segments: 0 })
    expect(isSuspicious(found, float32Bits(1))).toBe(true)
    expect(found.replay).toEqual({ segments: all(), keys: honest.keys, mismatch: { type: 'seal' } })
    // Unless the model is as bad on what it is judged by.
    expect(check(spoilt, { segments: 0, heldOutLoss: float32Bits(1e6) }).replay).toBe(null)
  })
})

describe('without a replay is found', () => {
  test('a payload of another size, or with one byte changed', () => {
    expect(faultOf(honest, { payload: honest.payload.subarray(0, -1) })).toBe('payload-size')
    for (let at = 0; at < honest.payload.length; at++) {
      expect(faultOf(honest, { payload: honest.payload.with(at, honest.payload[at]! ^ 1) })).toBe('payload-hash')
    }
  })

  test('a payload that no trainer writes', () => {
    for (const payload of [honest.payload.subarray(0, -1), new Uint8Array(), new Uint8Array(300)]) {
      expect(faultOf(withPayload(honest, payload))).toBe('payload-structure')
    }
    expect(faultOf(honest, { parameters: new Float32Array(3) })).toBe('payload-structure')
  })

  test('leaves that are not those of the trace', () => {
    expect(faultOf({ ...honest, traceRoot: foreign })).toBe('trace')
    const at = 8 + 5
    expect(faultOf(withPayload(honest, honest.payload.with(at, honest.payload[at]! ^ 1)))).toBe('trace')
  })

  test('an update after which nothing is a number', () => {
    expect(faultOf(sealedAs(job.parameters.map((_, i) => (i % 3 === 0 ? 3e38 : -3e38))))).toBe('not-finite')
  })

  test('what the update does to both probes, so that no claim stands but the true one', () => {
    const { lossBefore, lossAfter } = check(honest, { segments: 0 })
    expect([lossBefore, lossAfter]).toEqual([honest.lossBefore, honest.lossAfter])
    const nothing = check(sealedAs(job.parameters), { segments: 0 })
    expect(nothing.lossAfter).toBe(nothing.lossBefore)
    expect(nothing.freshAfter).toBe(nothing.freshBefore)
    const worse = check(sealedAs(job.parameters.map(value => -value)), { segments: 0 })
    expect(worse.lossAfter).toBeGreaterThan(worse.lossBefore)
  })
})

describe('by a replay is found', () => {
  test('any leaf that was not computed, at its segment, with the keys before it', () => {
    const { leaves } = decodePayload(honest.payload, job.recipe, job.parameters.length)
    const body = honest.payload.subarray(9 + 32 * leaves.length)
    leaves.forEach((_, segment) => {
      const other = leaves.with(segment, foreign)
      const unit = { ...withPayload(honest, encodePayload(job.recipe, other, body)), traceRoot: traceRootOf(other) }
      const mismatch = { type: 'trace', segment }
      for (const segments of [segment + 1, all()]) {
        const replay = { segments, keys: honest.keys.slice(0, segment), mismatch }
        expect(check(unit, { segments }).replay).toEqual(replay)
      }
      if (segment > 0) expect(mismatchOf(unit, { segments: segment })).toBe(null)
    })
  })

  test('any byte of the body that was changed, or that it cannot be read', () => {
    let changed = 0
    for (let at = 9 + 32 * all(); at < honest.payload.length; at++) {
      const unit = withPayload(honest, honest.payload.with(at, honest.payload[at]! ^ 1))
      const { fault, replay } = check(unit)
      if (fault === null) expect(replay).toEqual({ segments: all(), keys: honest.keys, mismatch: { type: 'seal' } })
      if (fault === null) changed++
    }
    expect(changed).toBeGreaterThan(100)
  })

  test('a residual that is not what was left over, or not what it began with', () => {
    const recipe = { ...job.recipe, compression: compressions[1] }
    const work = { ...job, recipe, residual: trainUnit({ ...job, recipe }).residual }
    const unit = trainUnit(work)
    const found = (changed: Partial<CheckJob>) => checkUnit({ ...checkOf(work, unit, all(work)), ...changed }).replay
    const seal = { type: 'seal' }
    expect(found({})!.mismatch).toBe(null)
    expect(found({ claim: { ...claimOf(unit), residual: foreign } })!.mismatch).toEqual(seal)
    expect(found({ claim: { ...claimOf(unit), residual: null } })!.mismatch).toEqual(seal)
    expect(found({ residual: null })!.mismatch).toEqual(seal)
    expect(found({ residual: new Uint8Array(4) })!.mismatch).toEqual(seal)
    // A prefix says nothing of the sealing.
    expect(found({ claim: { ...claimOf(unit), residual: foreign }, segments: all(work) - 1 })!.mismatch).toBe(null)
    expect(mismatchOf(honest, { claim: { ...claimOf(honest), residual: foreign } })).toEqual(seal)
  })

  test('noise instead of an update', () => {
    const noise = job.parameters.map((value, i) => value + ((i * 7919) % 13) / 1000)
    expect(mismatchOf(sealedAs(noise))).toEqual({ type: 'seal' })
  })

  test("another's unit, another round's, another of one's own", () => {
    const atOnce = { type: 'trace', segment: 0 }
    const { id } = job
    const cheats = [{ trainer: addressNamed('d') }, { round: 2 }, { unit: 1 }, { beacon: foreign }, { model: 'other' }]
    for (const cheat of cheats) expect(mismatchOf(honest, { id: { ...id, ...cheat } })).toEqual(atOnce)
  })

  test('other data, other parameters, fewer steps, another learning rate, no weight decay', () => {
    const { recipe, dataset } = job
    const shifted: ImageDataset = { ...dataset, labels: dataset.labels.map(label => (label + 1) % dataset.classes) }
    const withInner = (inner: Partial<typeof recipe.inner>) => ({ ...recipe, inner: { ...recipe.inner, ...inner } })
    const cheats: Partial<UnitJob>[] = [
      { dataset: shifted },
      { parameters: job.parameters.map(value => value * 0.5) },
      { recipe: withInner({ learningRatePpm: recipe.inner.learningRatePpm + 1000 }) },
      { recipe: withInner({ weightDecayPpm: 0 }) },
    ]
    for (const cheat of cheats) {
      expect(mismatchOf(trainUnit({ ...job, ...cheat }))).toEqual({ type: 'trace', segment: 0 })
    }
    // A unit of eight steps has as many segments as this one of seven.
    const longer = { ...recipe, stepsPerUnit: 8 }
    expect(mismatchOf(honest, { recipe: longer })).toEqual({ type: 'trace', segment: 3 })
    expect(faultOf(honest, { recipe: { ...recipe, stepsPerUnit: 9 } })).toBe('payload-structure')
  })

  test('a unit that diverges, which nobody can have done', () => {
    const inner = { ...job.recipe.inner, learningRatePpm: 100_000_000, weightDecayPpm: 100_000_000 }
    const recipe = { ...job.recipe, stepsPerUnit: 40, traceEvery: 10, inner }
    const { leaves } = decodePayload(honest.payload, job.recipe, job.parameters.length)
    const { payload } = sealUnit({ ...job, recipe }, job.parameters, leaves)
    expect(mismatchOf(withPayload(honest, payload), { recipe, segments: 4 })).toMatchObject({ type: 'trace' })
  })
})

test('what is wrong on the verifier’s own machine is thrown, not blamed on the trainer', () => {
  expect(() => check(honest, { dataset: { ...job.dataset, labels: new Uint8Array() } })).toThrow(
    expect.objectContaining({ code: 'SAMPLE_UNKNOWN' }),
  )
})
