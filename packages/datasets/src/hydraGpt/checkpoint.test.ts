import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { contentIdOf } from '@hydraai/core'
import { modelDocumentOfBytes, parameterCount, parametersToBytes, tokenizerOfBytes } from '@hydraai/engine'
import { hydraGptDocument, hydraGptLineageRecipe, hydraGptRefiningRecipe } from '@hydraai/training'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SHIPPED_FOLDER } from '../shipped.ts'
import { readCheckpoint } from './checkpoint.ts'

describe('the checkpoint that ships', () => {
  test('is the model of the document, with the tokenizer of its vocabulary, in at most 8 MB', async () => {
    const { document, tokenizer, parameters } = await readCheckpoint()
    expect(modelDocumentOfBytes(document)).toEqual(hydraGptDocument)
    expect(parameters.length).toBe(parameterCount(hydraGptDocument))
    expect(tokenizerOfBytes(tokenizer).vocabulary).toBe(2048)
    expect(4 * parameters.length).toBeLessThanOrEqual(8_000_000)
  })

  test('is what its lineage ends with, round for round as many as its version says, by the recipes that the release has', async () => {
    const { version, document, tokenizer, parameters, lineage, engine } = await readCheckpoint()
    const told = JSON.parse(new TextDecoder().decode(lineage))
    const stages: { recipe: object; rounds: { parameters: string; updates: unknown[] }[] }[] = told.stages
    const rounds = stages.flatMap(stage => stage.rounds)
    expect(rounds.length).toBe(version)
    expect(rounds.every(({ updates }) => updates.length > 0)).toBe(true)
    expect(rounds.at(-1)?.parameters).toBe(contentIdOf(parametersToBytes(parameters)))
    expect([told.document, told.tokenizer]).toEqual([contentIdOf(document), contentIdOf(tokenizer)])
    expect(told.engine).toBe(engine)
    // They were written before there was a choice of these two.
    const implied = { compression: { type: 'int8' }, aggregation: { type: 'clipped-mean' } }
    const recipes = stages.map(({ recipe }) => ({ ...implied, ...recipe }))
    expect(recipes).toEqual([hydraGptLineageRecipe, hydraGptRefiningRecipe])
  })
})

describe('a checkpoint folder', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hydra-checkpoint-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  test.each(['document.cbor', 'tokenizer.cbor', 'parameters.f32', 'lineage.json'])(
    'with one bit of %s changed is refused by name',
    async name => {
      await cp(SHIPPED_FOLDER, folder, { recursive: true })
      const bytes = await readFile(join(folder, name))
      bytes[bytes.length >> 1]! ^= 1
      await writeFile(join(folder, name), bytes)
      await expect(readCheckpoint(folder)).rejects.toMatchObject({
        code: 'CHECKPOINT_INVALID',
        message: expect.stringContaining(`${name} was changed`),
      })
    },
  )

  test.each([
    ['nothing', ''],
    ['no JSON', '{'],
    ['null', 'null'],
    ['another format', '{"format":"x"}'],
  ])('whose manifest is %s is refused', async (_, text) => {
    await cp(SHIPPED_FOLDER, folder, { recursive: true })
    await writeFile(join(folder, 'manifest.json'), text)
    await expect(readCheckpoint(folder)).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID' })
  })

  test('whose manifest names a file outside of it is refused', async () => {
    await cp(SHIPPED_FOLDER, folder, { recursive: true })
    const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'))
    manifest.files.document = '../document.cbor'
    await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest))
    await expect(readCheckpoint(folder)).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID' })
  })
})
