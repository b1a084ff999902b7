import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type ImageDataset, samplesOf } from '@hydraai/training'
import { describe, expect, test } from 'vitest'
import { folderWith } from '../../../test/folder.ts'
import { importData } from '../importData.ts'

function idx(dimensions: readonly number[], values: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * dimensions.length + values.length)
  bytes.set([0, 0, 8, dimensions.length])
  const view = new DataView(bytes.buffer)
  dimensions.forEach((length, i) => {
    view.setUint32(4 + 4 * i, length)
  })
  bytes.set(Array.from(values), 4 + 4 * dimensions.length)
  return bytes
}

/** `count` images of 2×3, the first pixel of each its label. */
function pairOf(count: number, offset = 0): { images: Uint8Array; labels: Uint8Array } {
  const labels = Array.from({ length: count }, (_, i) => 3 + ((i + offset) % 4))
  const pixels = labels.flatMap((label, i) => [label, i, offset, 9, 9, 9])
  return { images: idx([count, 2, 3], pixels), labels: idx([count], labels) }
}

const [train, test10k] = [pairOf(40), pairOf(8, 1)]

describe('IDX files', () => {
  test('keep images and labels together; labels are named as they are numbered', async () => {
    const path = folderWith({ 'train-images-idx3-ubyte': train.images, 'train-labels-idx1-ubyte': train.labels })
    const { dataset, report } = await importData(path)
    const { shape, classNames, labels, inputs } = dataset as ImageDataset
    expect([shape, classNames]).toEqual([
      [1, 2, 3],
      ['3', '4', '5', '6'],
    ])
    expect(report).toMatchObject({ format: 'idx', samples: 40 })
    labels.forEach((label, i) => {
      expect(classNames[label]).toBe(String(inputs[6 * i]))
    })
    expect(samplesOf(dataset, Int32Array.of(0)).x.length).toBe(6)
    expect((await importData(join(path, 'train-images-idx3-ubyte'))).encoded).toEqual((await importData(path)).encoded)
  })

  test('packed or not give the same; a test set is held out as it comes', async () => {
    const plain = folderWith({
      'train-images.idx3-ubyte': train.images,
      'train-labels.idx1-ubyte': train.labels,
      't10k-images.idx3-ubyte': test10k.images,
      't10k-labels.idx1-ubyte': test10k.labels,
    })
    const packed = folderWith({
      'train-images-idx3-ubyte.gz': gzipSync(train.images),
      'train-labels-idx1-ubyte.gz': gzipSync(train.labels),
      't10k-images-idx3-ubyte.gz': gzipSync(test10k.images),
      't10k-labels-idx1-ubyte.gz': gzipSync(test10k.labels),
      't10k-images-idx3-ubyte': test10k.images,
      't10k-labels-idx1-ubyte': test10k.labels,
    })
    const { dataset, encoded } = await importData(plain)
    expect([dataset.trainCount, dataset.testCount]).toEqual([40, 8])
    expect((await importData(packed)).encoded).toEqual(encoded)
  })

  const name = 'train-images-idx3-ubyte'
  const labels = { 'train-labels-idx1-ubyte': train.labels }
  test.each([
    ['that is cut off', { [name]: train.images.subarray(0, 100), ...labels }, 'DATA_INVALID', '40×2×3'],
    ['without labels', { [name]: train.images }, 'DATA_INVALID', 'train-labels-idx1-ubyte: there is nothing'],
    ['with fewer labels', { [name]: pairOf(41).images, ...labels }, 'DATA_INVALID', '41 images have 40 labels'],
    [
      'of huge dimensions',
      { [name]: idx([2 ** 32 - 1, 2 ** 32 - 1, 9], [1]), ...labels },
      'DATA_INVALID',
      'and has 1 bytes',
    ],
    [
      'of floats',
      { [name]: Uint8Array.of(0, 0, 13, 3, 0, 0, 0, 0), ...labels },
      'DATA_INVALID',
      'no IDX file of bytes',
    ],
    [
      'that is a bomb',
      { [`${name}.gz`]: gzipSync(new Uint8Array(300 * 2 ** 20)), ...labels },
      'DATA_TOO_LARGE',
      '256 MiB',
    ],
    [
      'that is damaged',
      { [`${name}.gz`]: gzipSync(train.images).subarray(0, 40), ...labels },
      'DATA_INVALID',
      'damaged',
    ],
  ])('%s are refused', async (_, files, code, named) => {
    await expect(importData(folderWith(files))).rejects.toMatchObject({ code, message: expect.stringContaining(named) })
  })
})
