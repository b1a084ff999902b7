import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Clock, contentIdOf, encode, keyPairFromSeed, ZERO_HASH } from '@hydraai/core'
import { createEngine, modelDocumentCodec, parametersToBytes } from '@hydraai/engine'
import { encodeDataset, initialParameters, tinyTask } from '@hydraai/training'
import { expect, test } from 'vitest'
import { InlineCompute } from './inline.ts'
import { Workbench } from './workbench.ts'

const wasm = readFileSync(fileURLToPath(import.meta.resolve('@hydraai/engine/engine.wasm')))
const { document, dataset, recipe } = tinyTask()
const blobs = [encode(modelDocumentCodec, document), encodeDataset(dataset)] as const
const job = {
  id: { beacon: ZERO_HASH, model: 'tiny', round: 1, unit: 0, trainer: keyPairFromSeed(new Uint8Array(32)).address },
  document: contentIdOf(blobs[0]),
  data: contentIdOf(blobs[1]),
  recipe,
  parameters: parametersToBytes(initialParameters(createEngine(wasm), document, ZERO_HASH)),
  residual: null,
}

/** Whose time comes when it is told to. */
class HandClock implements Clock {
  readonly timers = new Set<() => void>()
  now = () => 0
  after(_: number, run: () => void): () => void {
    this.timers.add(run)
    return () => this.timers.delete(run)
  }
}

test('a job that nobody needs any more ends at once, and leaves no timer behind', async () => {
  const clock = new HandClock()
  const durations = { trainMs: 100, verifyMs: 10, aggregateMs: 10 }
  const compute = new InlineCompute({ bench: new Workbench(wasm), clock, durations })
  for (const blob of blobs) await compute.provide(contentIdOf(blob), blob)
  const stop = new AbortController()
  const stopped = compute.train(job, undefined, stop.signal)
  stop.abort()
  await expect(stopped).rejects.toMatchObject({ code: 'COMPUTE_STOPPED' })
  expect(clock.timers.size).toBe(0)
  const done = compute.train(job, undefined, new AbortController().signal)
  for (const run of clock.timers) run()
  expect((await done).payload.length).toBeGreaterThan(0)
})
