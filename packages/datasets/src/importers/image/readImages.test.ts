import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { folderWith } from '../../../test/folder.ts'
import { jpeg, png } from '../../../test/images.ts'
import { readImages } from './readImages.ts'

const size = { width: 9, height: 7 }
/** So many that workers are started, whatever the images have. */
const MANY = 1e9

function imagesIn(more: Readonly<Record<string, Uint8Array>> = {}): string[] {
  const files = Object.fromEntries(
    Array.from({ length: 12 }, (_, i) => [
      `${i}.img`,
      i % 2 === 0 ? png(20, 11, i * 10, i) : jpeg(16, 20, [i * 9, 80, 7]),
    ]),
  )
  const folder = folderWith({ ...files, ...more })
  return [...Object.keys(files), ...Object.keys(more)].map(name => join(folder, name))
}

async function read(paths: readonly string[], pixels: number): Promise<Uint8Array[]> {
  const found: Uint8Array[] = []
  await readImages(paths, { size, pixels }, (index, image) => {
    found[index] = image
  })
  return found
}

describe('many images', () => {
  test('are the same whether one core reads them or several', async () => {
    const paths = imagesIn()
    const alone = await read(paths, 0)
    expect(alone.map(({ length }) => length)).toEqual(paths.map(() => 9 * 7 * 3))
    expect(await read(paths, MANY)).toEqual(alone)
  })

  test.each([
    ['one core', 0],
    ['several', MANY],
  ])('of which one is damaged are refused by its name on %s', async (_, pixels) => {
    const paths = imagesIn({ 'bad.png': png(9, 9, 3).subarray(0, 50) })
    await expect(read(paths, pixels)).rejects.toMatchObject({
      code: 'DATA_INVALID',
      message: `${paths.at(-1)}: the PNG is cut off.`,
      advice: expect.stringContaining('take it out'),
    })
  })
})
