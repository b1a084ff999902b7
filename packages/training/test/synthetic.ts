/** Data with something to learn in it, of any size: made from a seed, always the same. */
import { CounterRandom, taggedHash, utf8 } from '@hydraai/core'
import { IMAGE_FORMAT } from '../src/data/images.ts'
import { TABLE_FORMAT } from '../src/data/table.ts'
import { textDataset } from '../src/data/textBuilder.ts'
import type { Dataset } from '../src/dataset.ts'
import type { DatasetFacts } from '../src/documents/presets.ts'

interface Counts {
  readonly trainCount: number
  readonly testCount: number
}

/**
 * Images: noisy copies of one random pattern a class. Tables: the class, or the number, follows from the first features.
 * Text: each token but the first follows from the one before it.
 */
export function datasetLike(facts: DatasetFacts, counts: Counts): Dataset {
  const random = new CounterRandom(taggedHash('test/synthetic', utf8(JSON.stringify(facts))))
  const count = counts.trainCount + counts.testCount
  if (facts.format === IMAGE_FORMAT) {
    const size = facts.shape.reduce((product, length) => product * length, 1)
    const labels = Uint8Array.from({ length: count }, (_, i) => i % facts.classes)
    const patterns = Uint8Array.from({ length: facts.classes * size }, () => random.below(128))
    const inputs = Uint8Array.from({ length: count * size }, (_, i) => {
      return patterns[labels[Math.floor(i / size)]! * size + (i % size)]! + random.below(128)
    })
    return { ...facts, classNames: namesOf(facts.classes), ...counts, inputs, labels }
  }
  if (facts.format === TABLE_FORMAT) {
    const { features, classes } = facts
    const inputs = Float32Array.from({ length: count * features }, () => random.below(2001) / 1000 - 1)
    const score = (i: number): number => {
      const [a, b, c] = [0, 1, 2].map(at => inputs[i * features + (at % features)]!)
      return a! + b! * c!
    }
    const labels =
      classes === 0
        ? Float32Array.from({ length: count }, (_, i) => score(i))
        : Uint8Array.from({ length: count }, (_, i) =>
            Math.min(classes - 1, Math.floor(((score(i) + 2) / 4) * classes)),
          )
    const names = { columns: namesOf(features), classNames: namesOf(classes), target: 'target' }
    return { ...facts, ...names, ...counts, inputs, labels }
  }
  const { context, vocabulary } = facts
  const samples = Array.from({ length: count }, () => {
    const tokens = [random.below(vocabulary)]
    while (tokens.length < context + 1) tokens.push((tokens.at(-1)! * 3 + 1) % vocabulary)
    return { tokens, from: 1 }
  })
  const strata = [{ weight: 1, samples: samples.slice(0, counts.trainCount) }]
  return textDataset({ context, vocabulary, mode: 'text', strata, heldOut: samples.slice(counts.trainCount) })
}

function namesOf(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `number ${i}`)
}
