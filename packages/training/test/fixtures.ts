import {
  type Address,
  addressOf,
  CounterRandom,
  float32Bits,
  type PublicKey,
  type Recipe,
  taggedHash,
  utf8,
} from '@hydraai/core'
import type { Engine, ModelDocument } from '@hydraai/engine'
import type { CheckJob, UnitClaim } from '../src/check.ts'
import { IMAGE_FORMAT, type ImageDataset } from '../src/data/images.ts'
import { strataOf } from '../src/dataset.ts'
import { mnistCnn, mnistRecipe } from '../src/documents/mnistCnn.ts'
import { tinyTask } from '../src/documents/tinyTask.ts'
import { initialParameters } from '../src/initialParameters.ts'
import { freshProbe as fresh, roundProbe } from '../src/probes.ts'
import type { StepsJob } from '../src/steps.ts'
import type { TrainedUnit, UnitJob } from '../src/unit.ts'

export type ImageJob = UnitJob & { readonly dataset: ImageDataset }

export const addressNamed = (letter: string): Address => addressOf(letter.repeat(64) as PublicKey)

/** Unit 0 of round 1 of the tiny task. */
export function tinyJob(engine: Engine): ImageJob {
  const { document, dataset, recipe } = tinyTask()
  return jobOf(engine, 'tiny', document, dataset, recipe)
}

/** A short unit of the digit model on a few images of noise. */
export function shortCnnJob(engine: Engine): ImageJob {
  const random = new CounterRandom(taggedHash('test/images', utf8('1')))
  const dataset: ImageDataset = {
    format: IMAGE_FORMAT,
    shape: [1, 28, 28],
    classes: 10,
    classNames: Array.from({ length: 10 }, (_, digit) => String(digit)),
    trainCount: 20,
    testCount: 1,
    inputs: Uint8Array.from({ length: 21 * 784 }, () => random.below(256)),
    labels: Uint8Array.from({ length: 21 }, (_, i) => i % 10),
  }
  const recipe = { ...mnistRecipe, batchSize: 8, stepsPerUnit: 5, traceEvery: 2, probeSamples: 12 }
  return jobOf(engine, 'mnist-cnn', mnistCnn, dataset, recipe)
}

function jobOf(engine: Engine, name: string, document: ModelDocument, dataset: ImageDataset, recipe: Recipe): ImageJob {
  return jobWith({
    id: { beacon: taggedHash('test/beacon', utf8(name)), model: name, round: 1, unit: 0, trainer: addressNamed('a') },
    model: engine.compile(document, recipe.batchSize),
    dataset,
    parameters: initialParameters(engine, document, taggedHash('test/seed', utf8(name))),
    recipe,
  })
}

/** A unit on the probe of its round, with nothing left over from one before. */
export function jobWith<T extends StepsJob>(job: T): T & { residual: null; probe: Int32Array } {
  return { ...job, residual: null, probe: roundProbe({ ...job.id, recipe: job.recipe, strata: strataOf(job.dataset) }) }
}

/** The check of what `unit` revealed, with samples drawn after that, and a replay of so many segments. */
export function checkOf(job: UnitJob, unit: TrainedUnit, segments: number): CheckJob {
  const { id, recipe, dataset } = job
  const drawBeacon = taggedHash('test/draw', utf8(id.model))
  const freshProbe = fresh({ ...id, beacon: drawBeacon, recipe, strata: strataOf(dataset) })
  const heldOutLoss = float32Bits(1)
  return { ...job, claim: claimOf(unit), payload: unit.payload, freshProbe, heldOutLoss, segments }
}

/** What the ledger holds of `unit`. */
export function claimOf({ payloadId, payload, traceRoot, residualId }: TrainedUnit): UnitClaim {
  return { payload: payloadId, payloadBytes: payload.length, traceRoot, residual: residualId }
}
