import { contentIdOf, HydraError } from '@hydraai/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { imageDatasets, tableDatasets, textDatasets } from '../test/arbitraries.ts'
import type { TableDataset } from './data/table.ts'
import { textDataset } from './data/textBuilder.ts'
import { type Dataset, decodeDataset, encodeDataset, strataOf } from './dataset.ts'
import { tinyTask } from './documents/tinyTask.ts'

const images = tinyTask().dataset
const table: TableDataset = {
  format: 'hydra-table/1',
  columns: ['age', 'income'],
  features: 2,
  classes: 2,
  classNames: ['stays', 'leaves'],
  target: 'churned',
  trainCount: 2,
  testCount: 1,
  inputs: Float32Array.of(0.5, -1, 0, 2, 1, -2),
  labels: Uint8Array.of(0, 1, 0),
}
const regression: TableDataset = { ...table, classes: 0, classNames: [], labels: Float32Array.of(0.25, -3, 1e-30) }
const text = textDataset({
  context: 4,
  vocabulary: 300,
  mode: 'answers',
  strata: [
    { weight: 3, samples: [{ tokens: [7, 1, 8, 0], from: 2 }] },
    {
      weight: 1,
      samples: [
        { tokens: [7, 9, 1, 299, 0], from: 3 },
        { tokens: [5, 6], from: 1 },
      ],
    },
  ],
  heldOut: [{ tokens: [7, 7, 1, 0], from: 3 }],
})
const refused = (code: string) => expect.objectContaining({ code })

describe('a dataset as bytes', () => {
  test.each<[string, fc.Arbitrary<Dataset>]>([
    ['images', imageDatasets],
    ['a table', tableDatasets],
    ['text', textDatasets],
  ])('comes back as it was, and equal datasets have equal bytes: %s', (_, datasets) => {
    fc.assert(
      fc.property(datasets, dataset => {
        const encoded = encodeDataset(dataset)
        expect(decodeDataset(encoded)).toEqual(dataset)
        expect(contentIdOf(encodeDataset(decodeDataset(encoded)))).toBe(contentIdOf(encoded))
      }),
    )
  })

  test('has the same content id everywhere', () => {
    expect(
      [images, table, regression, text].map(dataset => contentIdOf(encodeDataset(dataset))),
    ).toMatchInlineSnapshot(`
      [
        "04b8c85e691bb0856de156beb46e0c941689c9d02439643bc0169d636d72a242",
        "b5060d9f8ad308569c409ea49c1eda24f87c916c8fd18186c67bc9fe8da0df20",
        "cee7532a5caddbdd571ef38366b0c50866f643fdd9d4b4f215763767ad2d6899",
        "933c507ade6f8d9a66b7a4adb4e6840aa92a92d369d81897451e284ecb77d5ec",
      ]
    `)
  })

  test.each<[string, Dataset, object[]]>([
    [
      'images',
      images,
      [
        { shape: [4, 5] },
        { shape: [] },
        { trainCount: images.trainCount + 1 },
        { labels: images.labels.subarray(1) },
        { labels: images.labels.map(() => images.classes) },
        { inputs: images.inputs.subarray(1) },
        { classNames: ['a', 'b'] },
        { classNames: ['a', 'b', 'a'] },
      ],
    ],
    [
      'a table',
      table,
      [
        { features: 3 },
        { columns: [] },
        { columns: ['a', 'b', 'c'] },
        { columns: ['age', 'churned'] },
        { classes: 1, classNames: ['only'] },
        { classNames: ['stays', 'stays'] },
        { labels: Uint8Array.of(0, 1) },
        { labels: Uint8Array.of(0, 1, 2) },
        { labels: Float32Array.of(0, 1, 0) },
        { classes: 0, classNames: [] },
        { trainCount: 3 },
        { inputs: table.inputs.with(3, Number.NaN) },
        { inputs: table.inputs.with(0, Number.POSITIVE_INFINITY) },
      ],
    ],
    ['a regression', regression, [{ labels: Float32Array.of(0, Number.NaN, 1) }, { labels: Uint8Array.of(1, 2, 3) }]],
    [
      'text',
      text,
      [
        { strata: [] },
        { strata: [{ count: 2, weight: 1 }] },
        { trainCount: 4, testCount: 1 },
        { lengths: text.lengths.subarray(1) },
        { lengths: text.lengths.with(0, 5) },
        { lengths: text.lengths.with(2, 1).with(0, 5) },
        { context: 3 },
        { from: text.from.subarray(1) },
        { from: text.from.with(0, 0) },
        { from: text.from.with(2, 2) },
        { tokens: text.tokens.subarray(1) },
        { vocabulary: 299 },
      ],
    ],
  ])('is refused when its parts do not fit together: %s', (_, dataset, wrong) => {
    encodeDataset(dataset)
    for (const part of wrong) {
      const broken = { ...dataset, ...part } as Dataset
      expect(() => encodeDataset(broken), JSON.stringify(part)).toThrow(refused('DATASET_INVALID'))
    }
  })

  test('is refused beyond the limits', () => {
    expect(() => encodeDataset({ ...images, trainCount: 384, testCount: 0 })).toThrow(refused('CODEC_INVALID'))
    const long = { ...images, classNames: ['a', 'b', 'c'.repeat(257)] }
    expect(() => encodeDataset(long)).toThrow(refused('CODEC_INVALID'))
    const strata = [{ count: 1, weight: 0 }, ...text.strata.slice(1)]
    expect(() => encodeDataset({ ...text, strata })).toThrow(refused('CODEC_INVALID'))
    const heavy = [{ count: 1, weight: 1_000_001 }, ...text.strata.slice(1)]
    expect(() => encodeDataset({ ...text, strata: heavy })).toThrow(refused('CODEC_INVALID'))
    expect(() => encodeDataset({ ...images, trainCount: 1_000_000 })).toThrow(refused('DATASET_INVALID'))
    expect(() => encodeDataset({ ...images, format: 'hydra-data/2' } as never)).toThrow(refused('CODEC_INVALID'))
  })

  test('is refused when a stranger cut or lengthened it', () => {
    for (const dataset of [images, table, regression, text]) {
      const encoded = encodeDataset(dataset)
      const longer = new Uint8Array(encoded.length + 1)
      longer.set(encoded)
      for (const bytes of [longer, encoded.subarray(0, -1), new Uint8Array(), Uint8Array.of(0xa0)]) {
        expect(() => decodeDataset(bytes)).toThrow(refused('CODEC_INVALID'))
      }
    }
  })

  test('that a stranger changed is refused, or is another dataset that is as sound', () => {
    const all = [table, regression, text].map(encodeDataset)
    fc.assert(
      fc.property(fc.constantFrom(...all), fc.nat(), fc.integer({ min: 1, max: 255 }), (encoded, where, flip) => {
        const changed = encoded.slice()
        changed[where % changed.length]! ^= flip
        try {
          expect(encodeDataset(decodeDataset(changed))).toEqual(changed)
        } catch (error) {
          if (!(error instanceof HydraError)) throw error
          expect(['CODEC_INVALID', 'DATASET_INVALID']).toContain(error.code)
        }
      }),
      { numRuns: 2000 },
    )
  })
})

test('a text knows its strata; everything else is one', () => {
  expect(strataOf(text)).toEqual([
    { count: 1, weight: 3 },
    { count: 2, weight: 1 },
  ])
  expect(strataOf(images)).toEqual([{ count: 256, weight: 1 }])
  expect(strataOf(table)).toEqual([{ count: 2, weight: 1 }])
})

test('a text is not built of what 16 bits cannot hold', () => {
  const build = (tokens: number[], from: number) => () =>
    textDataset({
      context: 4,
      vocabulary: 65_536,
      mode: 'text',
      strata: [{ weight: 1, samples: [{ tokens, from }] }],
      heldOut: [{ tokens: [1, 2], from: 1 }],
    })
  expect(build([65_535, 0], 1)().tokens[0]).toBe(65_535)
  for (const tokens of [[65_536, 0], [-1, 0], [0.5, 0], [1]]) {
    expect(build(tokens, 1)).toThrow(refused('DATASET_INVALID'))
  }
  expect(build([1, 2], 65_537)).toThrow(refused('DATASET_INVALID'))
})
