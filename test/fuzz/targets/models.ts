import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { equalBytes, taggedHash } from '@hydraai/core'
import { importData, ofSafetensors, toSafetensors } from '@hydraai/datasets'
import {
  type ModelDocument,
  modelDocumentOfBytes,
  modelDocumentToBytes,
  parameterCount,
  parameterLayout,
  tokenizerOfBytes,
  tokenizerToBytes,
  trainTokenizer,
} from '@hydraai/engine'
import { operationsOf, unitOperations } from '@hydraai/ledger'
import {
  decodeDataset,
  encodeDataset,
  gptDocument,
  mnistCnn,
  samplesOf,
  type TableDataset,
  type TextDataset,
  textDataset,
  tinyTask,
} from '@hydraai/training'
import { encode as encodePng } from 'fast-png'
import jpeg from 'jpeg-js'
import { decodeJpeg, isJpeg, jpegSizeOf } from '../../../packages/datasets/src/importers/image/jpeg.ts'
import { decodePng, isPng, pngSizeOf } from '../../../packages/datasets/src/importers/image/png.ts'
import { promise, type Target, unlessRefused } from '../engine/target.ts'

export function targets(): readonly Target[] {
  const { document, dataset, recipe } = tinyTask()
  const tokenizer = trainTokenizer(['What is a network? A network is a set of machines that talk.'], 280)
  const gpt = gptDocument({ vocabulary: 300, context: 16, width: 16, heads: 2, blocks: 2 })
  return [
    {
      name: 'model-document',
      format: 'cbor',
      seeds: [document, mnistCnn, gpt].map(modelDocumentToBytes),
      maxBytes: 32_768,
      run(input) {
        const read = unlessRefused(() => modelDocumentOfBytes(input))
        if (read === undefined) return false
        promise(equalBytes(modelDocumentToBytes(read), input), 'what was read is written otherwise')
        checkCost(read, recipe)
        return true
      },
    },
    {
      name: 'tokenizer',
      format: 'cbor',
      seeds: [tokenizerToBytes(tokenizer)],
      run(input) {
        const read = unlessRefused(() => tokenizerOfBytes(input))
        if (read === undefined) return false
        promise(equalBytes(tokenizerToBytes(read), input), 'what was read is written otherwise')
        const text = 'What is a network? é 😀'
        promise(read.decode(read.encode(text)) === text, 'a text does not come back from its tokens')
        return true
      },
    },
    {
      name: 'dataset',
      format: 'cbor',
      seeds: [dataset, tinyTable(), tinyTexts()].map(one => encodeDataset(one)),
      run(input) {
        const read = unlessRefused(() => decodeDataset(input))
        if (read === undefined) return false
        promise(equalBytes(encodeDataset(read), input), 'what was read is written otherwise')
        const count = read.trainCount + read.testCount
        const indices = Int32Array.from({ length: Math.min(count, 64) }, (_, i) => (i * 7) % count)
        unlessRefused(() => samplesOf(read, indices))
        return true
      },
    },
    {
      name: 'safetensors',
      format: 'bytes',
      seeds: [exported(document)],
      run(input) {
        const read = unlessRefused(() => ofSafetensors(input))
        if (read === undefined) return false
        promise(
          read.parameters.length === parameterCount(read.document),
          'the parameters are not those of the document',
        )
        return true
      },
    },
    {
      name: 'image',
      format: 'bytes',
      seeds: [
        encodePng({
          width: 5,
          height: 4,
          data: Uint8Array.from({ length: 80 }, (_, i) => 3 * i),
          channels: 4,
          depth: 8,
        }),
        encodePng({ width: 9, height: 2, data: Uint8Array.from({ length: 18 }, (_, i) => i), channels: 1, depth: 8 }),
        new Uint8Array(jpeg.encode({ width: 16, height: 9, data: Buffer.alloc(576, 120) }, 60).data),
      ],
      maxBytes: 65_536,
      run(input) {
        const raster = unlessRefused(() => {
          if (isPng(input)) {
            pngSizeOf(input, 'image')
            return decodePng(input, 'image')
          }
          if (!isJpeg(input)) return undefined
          jpegSizeOf(input, 'image')
          return decodeJpeg(input, 'image')
        })
        if (raster === undefined) return false
        promise(
          raster.pixels.length === 4 * raster.width * raster.height || raster.pixels.length > 0,
          'pixels are missing',
        )
        return true
      },
    },
    importTarget(),
  ]
}

/** What a ledger asks of a document before it takes it. */
function checkCost(document: ModelDocument, recipe: ReturnType<typeof tinyTask>['recipe']): void {
  const count = parameterCount(document)
  promise(Number.isSafeInteger(count) && count >= 0, `${count} is no number of parameters`)
  for (const cost of [operationsOf(document), unitOperations(document, recipe)])
    promise(Number.isFinite(cost) && cost >= 0, `${cost} is no cost`)
  if (count > 10_000_000) return
  const layout = parameterLayout(document)
  const total = layout.reduce((sum, { shape }) => sum + shape.reduce((product, length) => product * length, 1), 0)
  promise(total === count, `tensors hold ${total} of ${count} parameters`)
}

/** Somebody's own data, given as a file: text of every sort, and IDX. */
function importTarget(): Target {
  const folder = mkdtempSync(join(tmpdir(), 'hydra-fuzz-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const text = (lines: readonly string[]) => new TextEncoder().encode(lines.join('\n'))
  const pairs = Array.from({ length: 30 }, (_, i) => JSON.stringify({ q: `What is ${i}?`, a: `${i} is a number.` }))
  const rows = Array.from({ length: 40 }, (_, i) => `${i},${i % 2 ? 'red' : 'blue'},"a ""b""",${i / 3}`)
  return {
    name: 'import-file',
    format: 'bytes',
    seeds: [
      Uint8Array.from([0, ...text(['x,colour,note,y', ...rows])]),
      Uint8Array.from([1, ...text(pairs)]),
      Uint8Array.from([
        2,
        ...text(Array.from({ length: 60 }, (_, i) => `Sentence number ${i} of a text that is long enough.`)),
      ]),
      Uint8Array.from([3, 0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4]),
    ],
    maxBytes: 65_536,
    async run(input) {
      const kind = ['data.csv', 'data.jsonl', 'data.txt', 'train-images-idx3-ubyte'][(input[0] ?? 0) & 3]!
      const file = join(folder, kind)
      writeFileSync(file, input.subarray(1))
      try {
        const { encoded } = await importData(file, kind === 'data.csv' ? { target: 'colour' } : {})
        promise(encoded.length > 0, 'nothing was imported')
        return true
      } catch (error) {
        return (
          unlessRefused<false>(() => {
            throw error
          }) ?? false
        )
      }
    },
  }
}

function exported(document: ModelDocument): Uint8Array {
  const hash = taggedHash('fuzz', Uint8Array.of(1))
  const origin = { chainId: 'hydra-0badcafe', model: 'tiny', version: 1, data: hash, tokenizer: null }
  return toSafetensors({ document, parameters: new Float32Array(parameterCount(document)), origin })
}

function tinyTable(): TableDataset {
  return {
    format: 'hydra-table/1',
    columns: ['x', 'y'],
    features: 2,
    classes: 2,
    classNames: ['no', 'yes'],
    target: 'answer',
    trainCount: 3,
    testCount: 1,
    inputs: Float32Array.from([0, 1, 2, 3, 4, 5, 6, 7]),
    labels: Uint8Array.from([0, 1, 0, 1]),
  }
}

function tinyTexts(): TextDataset {
  const sample = (...tokens: number[]) => ({ tokens, from: 1 })
  const strata = [
    { weight: 1, samples: [sample(2, 3, 4), sample(5, 6)] },
    { weight: 3, samples: [sample(7, 8, 9, 10)] },
  ]
  return textDataset({ context: 8, vocabulary: 300, mode: 'answers', strata, heldOut: [sample(11, 12)] })
}
