import {
  commitmentOf,
  contentIdOf,
  float32Bits,
  type Hash,
  replayKeyHashOf,
  verdictDigest,
  ZERO_HASH,
} from '@hydraai/core'
import { beforeAll, describe, expect, test } from 'vitest'
import { addressNamed, type ImageJob, tinyJob } from '../test/fixtures.ts'
import { loadEngine } from '../test/loadEngine.ts'
import type { ImageDataset } from './data/images.ts'
import { type TrainedUnit, trainUnit } from './unit.ts'
import { encodeUpdate } from './updateCodec.ts'
import { type Refutation, type UnitClaim, type Verdict, type VerificationJob, verifyUnit } from './verify.ts'

const verifier = addressNamed('b')
let job: ImageJob
let honest: TrainedUnit
beforeAll(() => {
  job = tinyJob(loadEngine())
  honest = trainUnit(job)
})

/** What the ledger would hold of `unit` as it was sent by `trainer`; the commitment is always consistent. */
const claimOf = (unit: TrainedUnit, trainer = job.id.trainer): UnitClaim => ({
  commitment: commitmentOf({ trainer, payload: unit.payloadId, traceRoot: unit.traceRoot }),
  payload: unit.payloadId,
  payloadBytes: unit.payload.length,
  traceRoot: unit.traceRoot,
  replayKeyHash: unit.replayKeyHash,
  lossBefore: unit.lossBefore,
  lossAfter: unit.lossAfter,
})
const verify = (unit: TrainedUnit, changed: Partial<VerificationJob> = {}): Verdict => {
  return verifyUnit({ ...job, claim: claimOf(unit), payload: unit.payload, verifier, ...changed })
}
const withPayload = (payload: Uint8Array): TrainedUnit => ({ ...honest, payload, payloadId: contentIdOf(payload) })
const refuted = (verdict: Verdict, reason: Refutation): void => {
  expect({ valid: verdict.valid, reason: verdict.reason }).toEqual({ valid: false, reason })
}

describe('an honest unit', () => {
  test('is valid, with the digest that the settled key will ask for', () => {
    expect(verify(honest)).toEqual({
      valid: true,
      reason: null,
      replayKey: honest.replayKey,
      digest: verdictDigest({ verifier, replayKey: honest.replayKey }),
    })
  })

  test('is valid on another engine, and two verifiers have two digests', () => {
    const elsewhere = tinyJob(loadEngine())
    const other = addressNamed('c')
    const verdict = verify(honest, { model: elsewhere.model, parameters: elsewhere.parameters, verifier: other })
    expect(verdict.valid).toBe(true)
    expect(verdict.digest).not.toBe(verify(honest).digest)
  })

  test('is valid on a model without work', () => {
    const dead = { ...job, parameters: new Float32Array(job.parameters.length) }
    expect(verify(trainUnit(dead), { parameters: dead.parameters }).valid).toBe(true)
  })
})

describe('a dishonest unit is refuted:', () => {
  test('a false loss, by a single bit', () => {
    refuted(verify({ ...honest, lossBefore: honest.lossBefore + 1 }), 'loss-before')
    refuted(verify({ ...honest, lossAfter: honest.lossAfter - 1 }), 'loss-after')
    refuted(verify({ ...honest, lossAfter: float32Bits(0.01) }), 'loss-after')
  })

  test('noise instead of an update', () => {
    const noise = Float32Array.from(job.parameters, (value, i) => value + ((i * 7919) % 13) / 1000)
    refuted(verify(withPayload(encodeUpdate(job.parameters, noise))), 'payload-content')
    refuted(verify(withPayload(Uint8Array.from(honest.payload, (_, i) => (i * 7919) % 256))), 'payload-structure')
  })

  test("another's update, with all that belongs to it", () => {
    const thief = addressNamed('d')
    const id = { ...job.id, trainer: thief }
    refuted(verify(honest, { id, claim: claimOf(honest, thief) }), 'loss-before')
    refuted(verify(honest, { id }), 'commitment')
  })

  test('the update of another unit or round', () => {
    const later = trainUnit({ ...job, id: { ...job.id, unit: 1 } })
    refuted(verify({ ...later, lossBefore: honest.lossBefore, lossAfter: honest.lossAfter }), 'payload-content')
    refuted(verify(honest, { id: { ...job.id, round: 2 } }), 'loss-before')
  })

  test('other data', () => {
    const { dataset } = job
    const shifted: ImageDataset = { ...dataset, labels: dataset.labels.map(label => (label + 1) % dataset.classes) }
    const other = trainUnit({ ...job, dataset: shifted })
    refuted(verify(other), 'loss-before')
    refuted(verify({ ...other, lossBefore: honest.lossBefore, lossAfter: honest.lossAfter }), 'payload-content')
  })

  test('fewer steps, another learning rate or no weight decay', () => {
    const { recipe } = job
    const cheats = [
      { ...recipe, stepsPerUnit: recipe.stepsPerUnit - 1 },
      { ...recipe, inner: { ...recipe.inner, learningRatePpm: recipe.inner.learningRatePpm + 1000 } },
      { ...recipe, inner: { ...recipe.inner, weightDecayPpm: 0 } },
    ]
    for (const cheat of cheats) {
      const unit = trainUnit({ ...job, recipe: cheat })
      refuted(verify({ ...unit, lossBefore: honest.lossBefore, lossAfter: honest.lossAfter }), 'payload-content')
    }
  })

  test('training from other parameters', () => {
    const unit = trainUnit({ ...job, parameters: job.parameters.map(value => value * 0.5) })
    refuted(verify({ ...unit, lossBefore: honest.lossBefore, lossAfter: honest.lossAfter }), 'payload-content')
  })

  test('an altered payload, wherever one of its bits is changed', () => {
    for (let at = 0; at < honest.payload.length; at++) {
      const payload = honest.payload.slice()
      payload[at] = payload[at]! ^ 1
      refuted(verify(honest, { payload }), 'payload-hash')
      // The verdict is the same when the trainer committed to the altered bytes.
      if (at % 20 === 0) expect(verify(withPayload(payload)).valid).toBe(false)
    }
  })

  test('a payload of another size than revealed, or of another model', () => {
    const cut = honest.payload.subarray(0, -1)
    refuted(verify(honest, { payload: cut }), 'payload-size')
    refuted(verify(withPayload(cut)), 'payload-structure')
    const wider = encodeUpdate(new Float32Array(300), new Float32Array(300))
    refuted(verify(withPayload(wider)), 'payload-structure')
  })

  test('a trace or a replay key that no replay gives', () => {
    const foreign = 'ee'.repeat(32) as Hash
    refuted(verify({ ...honest, traceRoot: foreign }), 'trace-root')
    refuted(verify({ ...honest, replayKeyHash: replayKeyHashOf(foreign) }), 'replay-key')
  })

  test('any claim on a unit that diverges, which nobody can have done', () => {
    const inner = { ...job.recipe.inner, learningRatePpm: 100_000_000, weightDecayPpm: 100_000_000 }
    const verdict = verify(honest, { recipe: { ...job.recipe, stepsPerUnit: 40, inner } })
    refuted(verdict, 'diverged')
    expect(verdict.digest).toBe(verdictDigest({ verifier, replayKey: ZERO_HASH }))
  })
})

test('what is wrong on the verifier’s own machine is thrown, not blamed on the trainer', () => {
  expect(() => verify(honest, { dataset: { ...job.dataset, labels: new Uint8Array() } })).toThrow(
    expect.objectContaining({ code: 'SAMPLE_UNKNOWN' }),
  )
})
