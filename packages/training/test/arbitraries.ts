/** Datasets of every kind, small and of all shapes. */
import fc from 'fast-check'
import { IMAGE_FORMAT, type ImageDataset } from '../src/data/images.ts'
import { TABLE_FORMAT, type TableDataset } from '../src/data/table.ts'
import type { TextDataset } from '../src/data/text.ts'
import { textDataset } from '../src/data/textBuilder.ts'

const counts = { trainCount: fc.integer({ min: 1, max: 6 }), testCount: fc.integer({ min: 1, max: 6 }) }
const namesOf = (count: number) => Array.from({ length: count }, (_, i) => `ä${i}`)

export const imageDatasets: fc.Arbitrary<ImageDataset> = fc
  .record({
    shape: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
    classes: fc.integer({ min: 2, max: 256 }),
    ...counts,
    seed: fc.nat(255),
  })
  .map(({ seed, ...rest }) => {
    const count = rest.trainCount + rest.testCount
    const size = rest.shape.reduce((product, length) => product * length, count)
    const inputs = Uint8Array.from({ length: size }, (_, i) => (i * 31 + seed) % 256)
    const labels = Uint8Array.from({ length: count }, (_, i) => (i + seed) % rest.classes)
    return { format: IMAGE_FORMAT, ...rest, classNames: namesOf(rest.classes), inputs, labels }
  })

export const tableDatasets: fc.Arbitrary<TableDataset> = fc
  .record({
    features: fc.integer({ min: 1, max: 5 }),
    classes: fc.oneof(fc.constant(0), fc.integer({ min: 2, max: 256 })),
    ...counts,
  })
  .chain(facts => {
    const count = facts.trainCount + facts.testCount
    const floats = (length: number) => {
      return fc.float32Array({ minLength: length, maxLength: length, noNaN: true, noDefaultInfinity: true })
    }
    const classes = fc.uint8Array({ minLength: count, maxLength: count, max: Math.max(0, facts.classes - 1) })
    return fc.record({
      format: fc.constant(TABLE_FORMAT),
      columns: fc.constant(namesOf(facts.features)),
      features: fc.constant(facts.features),
      classes: fc.constant(facts.classes),
      classNames: fc.constant(namesOf(facts.classes)),
      target: fc.constant('target'),
      trainCount: fc.constant(facts.trainCount),
      testCount: fc.constant(facts.testCount),
      inputs: floats(count * facts.features),
      labels: facts.classes === 0 ? floats(count) : classes,
    })
  })

export const textDatasets: fc.Arbitrary<TextDataset> = fc
  .record({ context: fc.integer({ min: 1, max: 6 }), vocabulary: fc.integer({ min: 2, max: 65_536 }) })
  .chain(({ context, vocabulary }) => {
    const sample = fc
      .array(fc.nat(vocabulary - 1), { minLength: 2, maxLength: context + 1 })
      .chain(tokens => fc.record({ tokens: fc.constant(tokens), from: fc.integer({ min: 1, max: tokens.length - 1 }) }))
    const samples = fc.array(sample, { minLength: 1, maxLength: 4 })
    const stratum = fc.record({ weight: fc.integer({ min: 1, max: 1_000_000 }), samples })
    return fc.record({
      context: fc.constant(context),
      vocabulary: fc.constant(vocabulary),
      mode: fc.constantFrom('answers' as const, 'text' as const),
      strata: fc.array(stratum, { minLength: 1, maxLength: 3 }),
      heldOut: samples,
    })
  })
  .map(textDataset)
