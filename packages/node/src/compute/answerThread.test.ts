import { ZERO_HASH } from '@hydraai/core'
import { afterAll, describe, expect, it } from 'vitest'
import { engineWasm, tinyGpt } from '../asking/testing/world.ts'
import { AnswerBench } from './answerBench.ts'
import type { AnswerJob, AnswerModel } from './answering.ts'
import { WorkerCompute } from './workers.ts'

const { ids, blobs } = tinyGpt()
const [document, , tokenizer, parameters] = blobs as [Uint8Array, Uint8Array, Uint8Array, Uint8Array]
const model: AnswerModel = { ids, document, tokenizer, parameters }
const job: AnswerJob = {
  ...ids,
  question: 'What is a key?',
  mode: 'answer',
  ...{ temperaturePpm: 2_000_000, topK: 0, topPPpm: 1_000_000, seed: ZERO_HASH, maxTokens: 20 },
}

function inline(bench: AnswerBench, one: AnswerJob) {
  const steps = bench.answer(one)
  for (;;) {
    const step = steps.next(false)
    if (step.done) return step.value
  }
}

describe('the answering thread', () => {
  const compute = new WorkerCompute()
  afterAll(() => compute.close())

  it('says that a model is not loaded, then gives the tokens that the same thread would give, as they come', async () => {
    await expect(compute.generate(job, () => {})).rejects.toMatchObject({ code: 'ANSWER_MODEL_MISSING' })
    await compute.load(model)
    const heard: number[] = []
    const answer = await compute.generate(job, tokens => heard.push(...tokens))
    const bench = new AnswerBench(engineWasm)
    bench.load(model)
    expect(answer).toEqual(inline(bench, job))
    expect(heard).toEqual(answer.tokens)
  })

  it('gives several answers in turns, each the same as alone', async () => {
    const jobs = ['a', 'b', 'c'].map(question => ({ ...job, question }))
    const together = await Promise.all(jobs.map(one => compute.generate(one, () => {})))
    for (const [i, one] of jobs.entries()) expect(await compute.generate(one, () => {})).toEqual(together[i])
  })

  it('stops an answer that nobody wants any more', async () => {
    const stop = new AbortController()
    const answer = await compute.generate(
      { ...job, mode: 'continue', maxTokens: 1_024 },
      () => stop.abort(),
      stop.signal,
    )
    expect(answer.ended).toBe('stopped')
    expect(answer.tokens.length).toBeLessThan(1_024)
  })

  it('answers with the code of what went wrong, and with nothing once closed', async () => {
    const long = { ...job, question: 'zq '.repeat(100) }
    await expect(compute.generate(long, () => {})).rejects.toMatchObject({ code: 'CONTEXT_FULL' })
    const misfit = { ...model, ids: { ...ids, parameters: ZERO_HASH }, parameters: parameters.subarray(4) }
    await expect(compute.load(misfit)).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' })
    const closing = new WorkerCompute()
    await closing.close()
    await expect(closing.load(model)).rejects.toMatchObject({ code: 'COMPUTE_CLOSED' })
  })
})

describe('the models held ready', () => {
  it('are a few: the one unused for longest goes', () => {
    const bench = new AnswerBench(engineWasm)
    const named = (i: number) => ({ ...ids, parameters: `${i}`.repeat(64) as typeof ZERO_HASH })
    for (let i = 0; i < 4; i++) bench.load({ ...model, ids: named(i) })
    inline(bench, { ...job, ...named(0) })
    bench.load({ ...model, ids: named(4) })
    expect(inline(bench, { ...job, ...named(0) }).tokens.length).toBeGreaterThan(0)
    expect(() => inline(bench, { ...job, ...named(1) })).toThrow(
      expect.objectContaining({ code: 'ANSWER_MODEL_MISSING' }),
    )
  })
})
