import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { presets, tinyTask } from '@hydraai/training'
import { describe, expect, onTestFinished, test } from 'vitest'
import { readEngine } from '../../engineFile.ts'
import { measureTask, taskFor } from './task.ts'

const { dataset, document, recipe } = tinyTask()

function fileWith(content: unknown): string {
  const folder = mkdtempSync(join(tmpdir(), 'hydra-task-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'document.json')
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

describe('the model for some data', () => {
  // The tiny task's images are smaller than the preset takes.
  const images = { ...dataset, shape: [1, 8, 8], inputs: new Uint8Array(64 * (dataset.trainCount + dataset.testCount)) }

  test('is the preset that is named, or the one for such data', async () => {
    const usual = await taskFor(images, undefined)
    expect(usual).toEqual({ from: 'cnn-small', ...presets['cnn-small'](images) })
    expect(await taskFor(images, 'cnn-small')).toEqual(usual)
    await expect(taskFor(images, 'gpt-small')).rejects.toMatchObject({ code: 'PRESET_MISMATCH' })
    await expect(taskFor(images, 'huge')).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      advice: expect.stringContaining('mlp-small'),
    })
  })

  test('is the document of a file, with its own recipe or the usual one', async () => {
    const alone = await taskFor(images, fileWith(document))
    expect([alone.document, alone.recipe]).toEqual([document, presets['cnn-small'](images).recipe])
    expect((await taskFor(images, fileWith({ document, recipe }))).recipe).toEqual(recipe)
  })

  test.each([
    ['no JSON', '{'],
    ['no document', { layers: [] }],
    ['layers that do not fit together', { ...document, layers: [{ type: 'maxpool2d', size: 9 }] }],
    ['a recipe that is none', { document, recipe: { batchSize: 0 } }],
  ])('is refused from a file with %s', async (_, content) => {
    await expect(taskFor(images, fileWith(content))).rejects.toMatchObject({ code: 'DOCUMENT_INVALID' })
  })
})

describe('what a model costs', () => {
  test('is measured on the data itself', async () => {
    const warm = { ...recipe, inner: { ...recipe.inner, warmUpSteps: 4 } }
    const cost = measureTask(await readEngine(), dataset, { from: 'x', document, recipe: warm })
    expect(cost.parameters).toBe(163)
    expect(cost.memoryBytes).toBeGreaterThan(163 * 4)
    expect(cost.unitMs).toBeGreaterThan(0)
  })

  test('is nothing for a model that does not fit the data', async () => {
    const other = { ...document, layers: document.layers.with(-1, { type: 'dense', units: 2 }) }
    const wasm = await readEngine()
    expect(() => measureTask(wasm, dataset, { from: 'x', document: other, recipe })).toThrow(
      expect.objectContaining({ code: 'TASK_MISMATCH' }),
    )
  })
})
