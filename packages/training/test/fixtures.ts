import { type Address, addressOf, CounterRandom, type PublicKey, type Recipe, taggedHash, utf8 } from '@hydraai/core'
import type { Engine, ModelDocument } from '@hydraai/engine'
import { IMAGE_FORMAT, type ImageDataset } from '../src/data/images.ts'
import { mnistCnn, mnistRecipe } from '../src/documents/mnistCnn.ts'
import { tinyTask } from '../src/documents/tinyTask.ts'
import { initialParameters } from '../src/initialParameters.ts'
import type { UnitJob } from '../src/unit.ts'

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
  return {
    id: { beacon: taggedHash('test/beacon', utf8(name)), model: name, round: 1, unit: 0, trainer: addressNamed('a') },
    model: engine.compile(document, recipe.batchSize),
    dataset,
    parameters: initialParameters(engine, document, taggedHash('test/seed', utf8(name))),
    recipe,
  }
}
