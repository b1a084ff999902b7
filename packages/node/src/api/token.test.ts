import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { hasToken, loadOrCreateToken } from './token.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hydra-token-'))
})
afterEach(() => rm(folder, { recursive: true }))

it('is made once, 32 bytes long, readable by its owner only, and stays the same', async () => {
  const dataDir = join(folder, 'new')
  const token = await loadOrCreateToken(dataDir)
  expect(Buffer.from(token, 'base64url')).toHaveLength(32)
  expect((await stat(join(dataDir, 'api-token'))).mode & 0o777).toBe(0o600)
  expect(await loadOrCreateToken(dataDir)).toBe(token)
  expect(await loadOrCreateToken(join(folder, 'other'))).not.toBe(token)
})

it('takes back a file that others could read', async () => {
  await loadOrCreateToken(folder)
  await chmod(join(folder, 'api-token'), 0o644)
  await loadOrCreateToken(folder)
  expect((await stat(join(folder, 'api-token'))).mode & 0o777).toBe(0o600)
})

it('refuses a file that holds something else, and leaves it as it is', async () => {
  await writeFile(join(folder, 'api-token'), '')
  await expect(loadOrCreateToken(folder)).rejects.toMatchObject({ code: 'TOKEN_FILE_INVALID' })
  expect(await readFile(join(folder, 'api-token'), 'utf8')).toBe('')
})

it('fits only itself', () => {
  expect(hasToken('Bearer abc', 'abc')).toBe(true)
  expect(hasToken('bearer abc', 'abc')).toBe(true)
  for (const wrong of [undefined, '', 'abc', 'Bearer ab', 'Bearer abcd', 'Bearer abc ', 'Bearer  abc'])
    expect(hasToken(wrong, 'abc'), String(wrong)).toBe(false)
})
