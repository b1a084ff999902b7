import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  contentIdOf,
  encode,
  type Findings,
  type Hash,
  keyPairFromSeed,
  type LightFindings,
  segmentsOf,
  ZERO_HASH,
} from '@hydraai/core'
import { createEngine, modelDocumentCodec, parametersToBytes } from '@hydraai/engine'
import { foundingSeed } from '@hydraai/ledger'
import { encodeDataset, initialParameters, payloadLeaves, tinyTask } from '@hydraai/training'
import { afterAll, describe, expect, test } from 'vitest'
import type { TrainJob } from './compute.ts'
import { Workbench } from './workbench.ts'
import { WorkerCompute } from './workers.ts'

const wasm = readFileSync(fileURLToPath(import.meta.resolve('@hydraai/engine/engine.wasm')))
const { document, dataset, recipe } = tinyTask()
const documentBytes = encode(modelDocumentCodec, document)
const dataBytes = encodeDataset(dataset)
const parameters = parametersToBytes(initialParameters(createEngine(wasm), document, ZERO_HASH))
const trainer = keyPairFromSeed(new Uint8Array(32).fill(7)).address
const job: TrainJob = {
  id: { beacon: ZERO_HASH, model: 'tiny', round: 1, unit: 0, trainer },
  document: contentIdOf(documentBytes),
  data: contentIdOf(dataBytes),
  recipe,
  parameters,
  residual: null,
}

describe('compute threads', () => {
  const compute = new WorkerCompute()
  afterAll(() => compute.close())

  test('give the bytes that the same thread would give, and report steps and CPU time', async () => {
    await compute.provide(job.document, documentBytes)
    await compute.provide(job.data, dataBytes)
    const steps: number[] = []
    const trained = await compute.train(job, ({ step }) => steps.push(step))
    const bench = new Workbench(wasm)
    bench.provide(job.document, documentBytes)
    bench.provide(job.data, dataBytes)
    expect(trained).toEqual(bench.train(job))
    expect(steps.at(-1)).toBe(recipe.stepsPerUnit)
    expect(compute.usage().trainingMs).toBeGreaterThan(0)
    expect(compute.usage()).toMatchObject({ checkingMs: 0, replayingMs: 0 })
  })

  test('check, replay and rule as the same thread would, and say what each has cost', async () => {
    const trained = await compute.train(job)
    const { payload, payloadId, traceRoot } = trained
    const claim = { payload: payloadId, payloadBytes: payload.length, traceRoot, residual: null }
    const all = segmentsOf(recipe)
    const check = { ...job, drawBeacon: ZERO_HASH, claim, payload, segments: 0, heldOutLoss: 0 }
    const light = await compute.check(check)
    expect(light).toMatchObject({ fault: null, lossAfter: trained.lossAfter, replay: null })
    expect(compute.usage().replayingMs).toBe(0)
    expect(compute.usage().checkingMs).toBeGreaterThan(0)
    const replayed = await compute.check({ ...check, ...light, segments: all })
    expect(replayed).toEqual({ ...light, replay: { segments: all, keys: trained.keys, mismatch: null } })
    expect(compute.usage().replayingMs).toBeGreaterThan(0)
    const { stepsPerUnit: end } = recipe
    const leaf = payloadLeaves(payload, recipe).at(-1)!
    expect(await compute.states(job, [1, end])).toEqual([await compute.states(job, [1]), leaf].flat())
    const [before, last] = [await compute.state(job, end - 1), await compute.state(job, end)]
    expect(contentIdOf(last)).toBe(leaf)
    expect(await compute.rule({ type: 'findings', check })).toEqual({ type: 'findings', findings: lightOf(light) })
    const step = { type: 'step' as const, unit: job, before, from: end - 1, to: end }
    expect(await compute.rule(step)).toEqual({ type: 'step', after: leaf })
    expect(await compute.rule({ type: 'key', state: last })).toEqual({ type: 'key', key: trained.keys.at(-1) })
    const seal = { type: 'seal' as const, unit: job, state: last, leaves: payloadLeaves(payload, recipe) }
    expect(await compute.rule(seal)).toEqual({ type: 'seal', payload: payloadId, residual: null })
    expect(await compute.norm({ document: job.document, recipe, payload })).toBeGreaterThan(0)
    expect(await compute.norm({ document: job.document, recipe, payload: payload.slice(1) })).toBeNull()
  })

  test('give the same bytes with helpers', async () => {
    const crewed = new WorkerCompute({ threads: 2 })
    try {
      await crewed.provide(job.document, documentBytes)
      await crewed.provide(job.data, dataBytes)
      expect(await crewed.train(job)).toEqual(await compute.train(job))
    } finally {
      await crewed.close()
    }
  })

  test('found a model as the same thread would, and know no longer what was taken from them', async () => {
    const founding = { document: job.document, data: job.data, recipe, seed: foundingSeed('tiny') }
    const bench = new Workbench(wasm)
    bench.provide(job.document, documentBytes)
    bench.provide(job.data, dataBytes)
    expect(await compute.found(founding)).toEqual(bench.found(founding))
    await compute.forget(job.data)
    await expect(compute.found(founding)).rejects.toMatchObject({ code: 'COMPUTE_DOCUMENT_MISSING' })
    await compute.provide(job.data, dataBytes)
    expect((await compute.found(founding)).evaluation.total).toBe(dataset.testCount)
  })

  test('answer with the code of what went wrong', async () => {
    const unknown = '11'.repeat(32) as Hash
    await expect(compute.train({ ...job, document: unknown })).rejects.toMatchObject({
      code: 'COMPUTE_DOCUMENT_MISSING',
    })
    await expect(compute.train({ ...job, parameters: parameters.subarray(4) })).rejects.toMatchObject({
      code: 'SHAPE_MISMATCH',
    })
  })

  test('leave off what nobody needs any more, and are as good as before', async () => {
    const before = await compute.train(job)
    const stop = new AbortController()
    const steps: number[] = []
    const stopped = compute.train(job, ({ step }) => steps.push(step), AbortSignal.abort())
    await expect(stopped).rejects.toMatchObject({ code: 'COMPUTE_STOPPED' })
    expect(steps).toEqual([])
    const long = { ...job, recipe: { ...recipe, stepsPerUnit: 5_000, traceEvery: 1_000 } }
    const left = compute.train(long, () => stop.abort(), stop.signal)
    await expect(left).rejects.toMatchObject({ code: 'COMPUTE_STOPPED' })
    expect(await compute.train(job)).toEqual(before)
  })

  test('refuse work once closed', async () => {
    const closing = new WorkerCompute()
    await closing.close()
    await expect(closing.train(job)).rejects.toMatchObject({ code: 'COMPUTE_CLOSED' })
  })
})

function lightOf({ replay: _, ...light }: Findings): LightFindings {
  return light
}
