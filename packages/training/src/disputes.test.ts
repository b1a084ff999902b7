import { contentIdOf, type Hash, sectionsOf, segmentsOf, ZERO_HASH } from '@hydraai/core'
import type { Model } from '@hydraai/engine'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { checkOf, type ImageJob, tinyJob } from '../test/fixtures.ts'
import { loadEngine } from '../test/loadEngine.ts'
import { checkUnit } from './check.ts'
import { runOneStep, runSteps, sealAgain, stateBytesAt, statesAt } from './disputes.ts'
import { decodePayload } from './payload.ts'
import { segmentEnd } from './steps.ts'
import { encodeState, segmentKeyOf, stateSizeOf } from './trace.ts'
import { type TrainedUnit, trainUnit, type UnitJob } from './unit.ts'

let job: ImageJob
beforeAll(() => {
  const tiny = tinyJob(loadEngine())
  const { document } = tiny.model
  const layers = document.layers.toSpliced(2, 0, { type: 'dropout', ratePpm: 200_000 })
  job = { ...tiny, model: loadEngine().compile({ ...document, layers }, tiny.recipe.batchSize) }
})
const withRecipe = (changed: Partial<UnitJob['recipe']>): ImageJob => ({
  ...job,
  recipe: { ...job.recipe, ...changed },
})
const leavesOf = (of: UnitJob, { payload }: TrainedUnit) =>
  decodePayload(payload, of.recipe, of.parameters.length).leaves

/** A model whose step `wrong`, the first being 1, does something of its own with the result. */
function cheating(model: Model, wrong: number, alter: (model: Model) => void): Model {
  return {
    ...{ document: model.document, batch: model.batch, parameterCount: model.parameterCount },
    initialise: seed => model.initialise(seed),
    setParameters: values => model.setParameters(values),
    getParameters: () => model.getParameters(),
    getGradients: () => model.getGradients(),
    useOptimizer: spec => model.useOptimizer(spec),
    useSeed: seed => model.useSeed(seed),
    getOptimizerState: () => model.getOptimizerState(),
    setOptimizerState: state => model.setOptimizerState(state),
    trainStep(x, y) {
      const loss = model.trainStep(x, y)
      if (model.getOptimizerState().step === wrong) alter(model)
      return loss
    },
    evaluate: (x, y, count) => model.evaluate(x, y, count),
    logits: (x, count) => model.logits(x, count),
    dispose: () => model.dispose(),
  }
}
const nudge = (model: Model): void => model.setParameters(model.getParameters().map((v, i) => (i === 5 ? v + 1e-3 : v)))
const forget = (model: Model): void => {
  const { step, state } = model.getOptimizerState()
  model.setOptimizerState({ step, state: state.map((value, i) => (i === 1 ? value + 1e-3 : value)) })
}

/** Narrows the segment in which `challenger` and `trainer` differ down to one step, as the ledger asks them to. */
function narrowed(challenger: UnitJob, trainer: UnitJob, segment: number) {
  let from = segment === 0 ? 0 : segmentEnd(challenger.recipe, segment - 1)
  let to = segmentEnd(challenger.recipe, segment)
  let before: Hash | null = from === 0 ? null : statesAt(challenger, [from])[0]!
  let after = statesAt(challenger, [to])[0]!
  for (let moves = 0; to - from > 1; moves++) {
    expect(moves).toBeLessThan(4)
    const steps = sectionsOf(from, to)
    const shown = statesAt(challenger, steps)
    const denied = statesAt(trainer, steps).findIndex((own, i) => own !== shown[i])
    after = shown[denied]!
    if (denied > 0) before = shown[denied - 1]!
    from = steps[denied - 1] ?? from
    to = steps[denied]!
  }
  return { step: from, before, after }
}

describe('a dispute', () => {
  test.each([nudge, forget])('about any wrong step ends at that step, and the step decides for who is right', alter => {
    const sizes = fc.record({
      stepsPerUnit: fc.integer({ min: 1, max: 90 }),
      traceEvery: fc.integer({ min: 1, max: 80 }),
    })
    fc.assert(
      fc.property(
        sizes.filter(size => segmentsOf(size) <= 64),
        fc.nat(),
        (size, at) => {
          const honest = withRecipe(size)
          const wrong = 1 + (at % size.stepsPerUnit)
          const trainer = { ...honest, model: cheating(job.model, wrong, alter) }
          const unit = trainUnit(trainer)
          const { mismatch, keys } = checkUnit(checkOf(honest, unit, 64)).replay!
          const segment = Math.floor((wrong - 1) / size.traceEvery)
          expect(mismatch).toEqual({ type: 'trace', segment })
          expect(keys).toEqual(unit.keys.slice(0, segment))

          const { step, before, after } = narrowed(honest, trainer, segment)
          expect(step).toBe(wrong - 1)
          const bytes = step === 0 ? null : stateBytesAt(honest, step)
          expect(bytes && contentIdOf(bytes)).toBe(before)
          expect(runOneStep(honest, bytes, step)).toBe(after)
          expect(statesAt(trainer, [step + 1])[0]).not.toBe(after)

          // A challenger who is wrong about an honest unit loses in the same way.
          const lost = narrowed(trainer, honest, segment)
          expect(lost.step).toBe(step)
          expect(runOneStep(honest, bytes, step)).not.toBe(lost.after)
        },
      ),
      { numRuns: 15 },
    )
  })

  test('with a trainer whose unit diverges ends at the step that no number comes out of', () => {
    const inner = { ...job.recipe.inner, learningRatePpm: 100_000_000, weightDecayPpm: 100_000_000 }
    const honest = withRecipe({ stepsPerUnit: 40, traceEvery: 40, inner })
    const steps = Array.from({ length: 40 }, (_, i) => i + 1)
    const states = statesAt(honest, steps)
    const first = states.indexOf(ZERO_HASH)
    expect(first).toBeGreaterThan(0)
    expect(states.slice(first)).toEqual(Array(40 - first).fill(ZERO_HASH))
    expect(statesAt(honest, [...sectionsOf(0, 40)])).toEqual(sectionsOf(0, 40).map(step => states[step - 1]))
    expect(runOneStep(honest, stateBytesAt(honest, first), first)).toBe(null)
    expect(runSteps(honest, null, 0, 40)).toBe(null)
    expect(() => stateBytesAt(honest, first + 1)).toThrow(expect.objectContaining({ code: 'NON_FINITE' }))
  })
})

describe('one step, or a stretch of them,', () => {
  test('from a state on the way gives the state of an unbroken run', () => {
    const inner = { ...job.recipe.inner, warmUpSteps: 3, floorPpm: 100_000, clipNormPpm: 500_000 }
    const run = withRecipe({ stepsPerUnit: 12, inner })
    const elsewhere = { ...run, model: loadEngine().compile(job.model.document, job.recipe.batchSize) }
    const states = statesAt(run, sectionsOf(0, 12))
    expect(new Set(states).size).toBe(12)
    for (let step = 0; step < 12; step++) {
      const bytes = stateBytesAt(run, step)
      if (step > 0) expect(contentIdOf(bytes)).toBe(states[step - 1])
      expect(runOneStep(elsewhere, step === 0 ? null : bytes, step)).toBe(states[step])
      expect(runSteps(elsewhere, bytes, step, 12)).toBe(states[11])
    }
  })

  test('from what is no state of that step gives nothing', () => {
    const state = stateBytesAt(job, 2)
    expect(runOneStep(job, state, 2)).not.toBe(null)
    expect(runOneStep(job, state, 1)).toBe(null)
    expect(runOneStep(job, null, 1)).toBe(null)
    expect(runOneStep(job, state.subarray(1), 2)).toBe(null)
    expect(runOneStep(job, new Uint8Array(stateSizeOf(job.parameters.length)), 0)).toBe(null)
    const negative = {
      step: 2,
      parameters: job.parameters,
      moments: new Float32Array(2 * job.parameters.length).fill(-1),
    }
    expect(runOneStep(job, encodeState(negative), 2)).toBe(null)
  })
})

test('the key of any segment follows from the state at its end', () => {
  const run = withRecipe({ stepsPerUnit: 7, traceEvery: 2 })
  const ends = [0, 1, 2, 3].map(segment => segmentEnd(run.recipe, segment))
  expect(ends.map(end => segmentKeyOf(stateBytesAt(run, end)))).toEqual(trainUnit(run).keys)
})

describe('sealing again', () => {
  test.each([{ type: 'int8' }, { type: 'sparse', keepPpm: 100_000, decayPpm: 500_000 }] as const)(
    'gives what an honest trainer revealed, and nothing that another did, with $type',
    compression => {
      const first = withRecipe({ compression })
      const work: UnitJob = { ...first, residual: trainUnit(first).residual }
      const unit = trainUnit(work)
      const leaves = leavesOf(work, unit)
      const state = stateBytesAt(work, work.recipe.stepsPerUnit)
      expect(contentIdOf(state)).toBe(leaves.at(-1))
      expect(segmentKeyOf(state)).toBe(unit.keys.at(-1))
      const right = { payload: unit.payloadId, residual: unit.residualId }
      expect(sealAgain(work, state, leaves)).toEqual(right)
      for (let at = 9 + 32 * leaves.length; at < unit.payload.length; at += 7) {
        const payload = contentIdOf(unit.payload.with(at, unit.payload[at]! ^ 1))
        expect(sealAgain(work, state, leaves)).not.toEqual({ ...right, payload })
      }
      expect(sealAgain(work, state, leaves.toReversed()).payload).not.toBe(right.payload)
      if (compression.type === 'sparse')
        expect(sealAgain({ ...work, residual: null }, state, leaves)).not.toEqual(right)
    },
  )

  test('of what cannot be sealed gives what nobody can have revealed', () => {
    const nothing = { payload: ZERO_HASH, residual: null }
    const { stepsPerUnit } = job.recipe
    const leaves = statesAt(job, [2, 4])
    expect(sealAgain(job, stateBytesAt(job, stepsPerUnit - 1), leaves)).toEqual(nothing)
    const far = job.parameters.map((_, i) => (i % 2 === 0 ? 3e38 : -3e38))
    const end = { step: stepsPerUnit, parameters: far, moments: new Float32Array(2 * far.length) }
    const near = { ...job, parameters: far.map(value => -value) }
    expect(sealAgain(near, encodeState(end), leaves)).toEqual(nothing)
    const sparse = withRecipe({ compression: { type: 'sparse', keepPpm: 100_000, decayPpm: 500_000 } })
    const state = stateBytesAt(sparse, stepsPerUnit)
    expect(sealAgain({ ...sparse, residual: new Uint8Array(9) }, state, leaves)).toEqual(nothing)
  })
})
