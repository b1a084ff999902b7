import { contentIdOf } from '@hydraai/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DATASET_FORMAT, type Dataset, decodeDataset, encodeDataset } from './dataset.ts'
import { tinyTask } from './documents/tinyTask.ts'

const datasets: fc.Arbitrary<Dataset> = fc
  .record({
    shape: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
    classes: fc.integer({ min: 2, max: 256 }),
    trainCount: fc.integer({ min: 1, max: 6 }),
    testCount: fc.integer({ min: 1, max: 6 }),
    seed: fc.nat(255),
  })
  .map(({ seed, ...rest }) => {
    const count = rest.trainCount + rest.testCount
    const size = rest.shape.reduce((product, length) => product * length, count)
    const inputs = Uint8Array.from({ length: size }, (_, i) => (i * 31 + seed) % 256)
    const labels = Uint8Array.from({ length: count }, (_, i) => (i + seed) % rest.classes)
    return { format: DATASET_FORMAT, ...rest, inputs, labels }
  })

describe('a dataset as bytes', () => {
  test('comes back as it was, and equal datasets have equal bytes', () => {
    fc.assert(
      fc.property(datasets, dataset => {
        const encoded = encodeDataset(dataset)
        expect(decodeDataset(encoded)).toEqual(dataset)
        expect(contentIdOf(encodeDataset(decodeDataset(encoded)))).toBe(contentIdOf(encoded))
      }),
    )
  })

  test('is refused when its parts do not fit together', () => {
    const { dataset } = tinyTask()
    const wrong: Partial<Dataset>[] = [
      { shape: [4, 5] },
      { shape: [] },
      { trainCount: dataset.trainCount + 1 },
      { labels: dataset.labels.subarray(1) },
      { labels: dataset.labels.map(() => dataset.classes) },
      { inputs: dataset.inputs.subarray(1) },
    ]
    for (const part of wrong) {
      expect(() => encodeDataset({ ...dataset, ...part }), JSON.stringify(Object.keys(part))).toThrow(
        expect.objectContaining({ code: 'DATASET_INVALID' }),
      )
    }
    expect(() => encodeDataset({ ...dataset, trainCount: 384, testCount: 0 })).toThrow(
      expect.objectContaining({ code: 'CODEC_INVALID' }),
    )
  })

  test('is refused when a stranger changed, cut or lengthened it', () => {
    const encoded = encodeDataset(tinyTask().dataset)
    const longer = new Uint8Array(encoded.length + 1)
    longer.set(encoded)
    for (const bytes of [longer, encoded.subarray(0, -1), new Uint8Array(), Uint8Array.of(0xa0)]) {
      expect(() => decodeDataset(bytes)).toThrow(expect.objectContaining({ code: 'CODEC_INVALID' }))
    }
  })
})
