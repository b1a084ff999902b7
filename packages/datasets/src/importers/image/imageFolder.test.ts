import { join } from 'node:path'
import { decodeDataset, type ImageDataset } from '@hydraai/training'
import { describe, expect, test } from 'vitest'
import { folderWith } from '../../../test/folder.ts'
import { jpeg, png } from '../../../test/images.ts'
import { importData } from '../importData.ts'
import type { ImportOptions } from '../importer.ts'

async function images(path: string, options?: ImportOptions) {
  const imported = await importData(path, options)
  return { ...imported, dataset: imported.dataset as ImageDataset }
}

function greyFolder(): string {
  const files = Object.fromEntries(
    Array.from({ length: 12 }, (_, i) => [
      [`dark/${i}.png`, png(10, 8, 20, i)],
      [`light/${i}.png`, png(10, 8, 200, i)],
    ]).flat() as [string, Uint8Array][],
  )
  return folderWith(files)
}

describe('a folder of images', () => {
  test('becomes a dataset with a class for each subfolder, grey where all are grey, in their size where they agree', async () => {
    const { dataset, encoded, report, tokenizer } = await images(greyFolder())
    expect(dataset.shape).toEqual([1, 8, 10])
    expect(dataset.classNames).toEqual(['dark', 'light'])
    expect(decodeDataset(encoded)).toEqual(dataset)
    expect(tokenizer).toBe(null)
    expect(report).toMatchObject({ kind: 'images', format: 'image-folder', samples: 24, bytes: encoded.length })
    expect(report.classes).toEqual([
      { name: 'dark', count: 12 },
      { name: 'light', count: 12 },
    ])
    expect(report.trainCount + report.heldOut).toBe(24)
    // Each image keeps its label through the split.
    for (let i = 0; i < 24; i++) expect(dataset.inputs[i * 80]! > 100).toBe(dataset.labels[i] === 1)
  })

  test('gives the same bytes always, and holds out copies of an image together', async () => {
    const path = greyFolder()
    expect((await importData(path)).encoded).toEqual((await importData(path)).encoded)
    const copies = Array.from({ length: 10 }, (_, i) => [`a/${i}.png`, png(8, 8, 50)] as const)
    const others = Array.from({ length: 20 }, (_, i) => [`b/${i}.png`, png(8, 8, 150, i)] as const)
    const { dataset } = await images(folderWith(Object.fromEntries([...copies, ...others])))
    const judged = dataset.labels.subarray(dataset.trainCount).filter(label => label === 0)
    expect([0, 10]).toContain(judged.length)
  })

  test('has colours where there is one, JPEGs as well, scaled to one size', async () => {
    const path = folderWith({
      'green/1.jpg': jpeg(40, 30, [0, 200, 0]),
      'green/2.jpg': jpeg(64, 64, [10, 210, 10]),
      'red/1.png': png(50, 50, [200, 0, 0]),
      'red/2.png': png(33, 60, [190, 0, 0]),
      'red/note.txt': 'not an image',
      'red/.hidden': 'neither',
    })
    const { dataset, report } = await images(path)
    expect(dataset.shape).toEqual([3, 48, 48])
    expect(report.warnings).toEqual([
      expect.stringContaining('4 of 4 images were scaled to 48×48'),
      expect.stringContaining('1 files are neither PNG nor JPEG'),
      ...report.warnings.slice(2),
    ])
    for (let i = 0; i < 4; i++) {
      const [red, green] = [dataset.inputs[i * 6912]!, dataset.inputs[i * 6912 + 2304]!]
      expect(dataset.classNames[dataset.labels[i]!]).toBe(red > green ? 'red' : 'green')
    }
    expect((await images(path, { size: 16 })).dataset.shape).toEqual([3, 16, 16])
  })

  const good = { 'a/1.png': png(8, 8, 1), 'a/2.png': png(8, 8, 2), 'b/1.png': png(8, 8, 3), 'b/2.png': png(8, 8, 4) }
  test.each([
    ['a damaged image', { ...good, 'b/3.png': png(8, 8, 5).subarray(0, 60) }, 'DATA_INVALID', join('b', '3.png')],
    [
      'a damaged JPEG',
      { ...good, 'b/3.jpg': jpeg(9, 9, [1, 2, 3]).subarray(0, 250) },
      'DATA_INVALID',
      join('b', '3.jpg'),
    ],
    ['a class of one image', { ...good, 'c/1.png': png(8, 8, 6) }, 'DATA_INVALID', 'class "c" has 1 samples'],
    ['an empty class', { ...good, 'c/readme.txt': 'x' }, 'DATA_INVALID', 'class "c" has 0 samples'],
    [
      'one class',
      { 'a/1.png': png(8, 8, 1), 'a/2.png': png(8, 8, 2), 'a/3.png': png(8, 8, 3) },
      'DATA_INVALID',
      'one class',
    ],
    ['no images', { 'a/readme.txt': 'x' }, 'DATA_INVALID', 'no images'],
    ['a folder in a class', { ...good, 'b/deep/1.png': png(8, 8, 1) }, 'DATA_INVALID', join('b', 'deep')],
    [
      'copies of one image only',
      { 'a/1.png': png(8, 8, 1), 'b/1.png': png(8, 8, 1) },
      'DATA_TOO_FEW',
      'too few of them differ',
    ],
  ])('with %s is refused, and what is wrong is named', async (_, files, code, named) => {
    await expect(importData(folderWith(files))).rejects.toMatchObject({ code, message: expect.stringContaining(named) })
  })

  test('and a size that is none is refused', async () => {
    await expect(importData(folderWith(good), { size: 5000 })).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  })

  test('says how far it is', async () => {
    const seen: string[] = []
    await importData(folderWith(good), { onProgress: ({ what, done, total }) => seen.push(`${what} ${done}/${total}`) })
    expect(seen.at(0)).toBe('measuring images 1/4')
    expect(seen.at(-1)).toBe('reading images 4/4')
  })
})
