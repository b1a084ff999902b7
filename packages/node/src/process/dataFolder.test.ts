import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { loadOrCreateToken } from '../api/token.ts'
import { DataFolder } from './dataFolder.ts'

const path = mkdtempSync(join(tmpdir(), 'hydra-folder-'))
const folder = new DataFolder(path)
afterEach(() => rmSync(path, { recursive: true, force: true }))

describe('the note of where the API is', () => {
  it('is found with the token while the node runs, and gone afterwards', async () => {
    await folder.create()
    expect(await folder.api()).toBe(undefined)
    const token = await loadOrCreateToken(path)
    await folder.noteApi({ url: 'http://127.0.0.1:8777' })
    expect(await folder.api()).toEqual({ url: 'http://127.0.0.1:8777', token })
    if (process.platform !== 'win32') expect(statSync(folder.apiFile).mode & 0o777).toBe(0o600)
    await folder.noteApi(null)
    expect(await folder.api()).toBe(undefined)
  })

  it('never sends the token anywhere but to this machine', async () => {
    await folder.create()
    await loadOrCreateToken(path)
    const notes = [
      'nonsense',
      '{}',
      '{"url":"http://192.0.2.1:8777"}',
      '{"url":"http://127.0.0.1:8777@example.org"}',
      '{"url":"http://127.0.0.1.example.org:80"}',
      '{"url":"https://127.0.0.1:8777/x"}',
      `{"url":"http://127.0.0.1:8777","more":"${'x'.repeat(2_000)}"}`,
    ]
    for (const note of notes) {
      writeFileSync(folder.apiFile, note)
      expect(await folder.api(), note).toBe(undefined)
    }
  })
})
