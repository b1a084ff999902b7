import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readWalletHeader } from '@hydraai/core'
import { afterAll, expect, test } from 'vitest'
import { hydraNode, PASSWORD, temporaryFolder } from './hydraNode.ts'

const folder = temporaryFolder()
const env = { HYDRA_HOME: folder.path, HYDRA_PASSWORD: PASSWORD }
const file = join(folder.path, 'alice.wallet')
const contents = () => readFileSync(file, 'utf8')
const withFile = (...args: string[]) => [...args, '--wallet-file', file]
afterAll(() => folder.remove())

// One wallet goes through its life here: deriving a key takes a second each time.
let phrase = ''

test('a wallet is created once, readable by its owner alone, and its 24 words are shown once', async () => {
  const noPassword = await hydraNode(withFile('--create-wallet'), { HYDRA_HOME: folder.path })
  expect(noPassword).toMatchObject({ code: 2, stderr: expect.stringContaining('HYDRA_PASSWORD') })
  expect(readdirSync(folder.path)).toEqual([])

  const { code, stdout } = await hydraNode(withFile('--create-wallet', '--user', 'alice', '--json'), env)
  expect(code).toBe(0)
  const event = JSON.parse(stdout)
  expect(event).toMatchObject({ event: 'wallet', action: 'created', file })
  expect(readWalletHeader(contents())).toMatchObject({ name: 'alice', address: event.address })
  expect(statSync(file).mode & 0o777).toBe(0o600)
  phrase = event.phrase
  expect(phrase.split(' ')).toHaveLength(24)
  expect(stdout).not.toContain(PASSWORD)
  expect(readdirSync(folder.path)).toEqual(['alice.wallet'])
})

test('an existing file is never overwritten, neither by a wallet nor by a copy', async () => {
  const before = contents()
  const again = await hydraNode(withFile('--create-wallet'), env)
  expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('not overwritten') })
  const restored = await hydraNode(withFile('--restore-wallet'), env, phrase)
  expect(restored).toMatchObject({ code: 1, stderr: expect.stringContaining('not overwritten') })
  const copied = await hydraNode(withFile('--export-wallet', file), env)
  expect(copied).toMatchObject({ code: 1, stderr: expect.stringContaining('not overwritten') })
  expect(contents()).toBe(before)
})

test('an exported wallet is the same wallet, readable by its owner alone', async () => {
  const copy = join(folder.path, 'copy.wallet')
  expect((await hydraNode(withFile('--export-wallet', copy), env)).code).toBe(0)
  expect(readFileSync(copy, 'utf8')).toBe(contents())
  expect(statSync(copy).mode & 0o777).toBe(0o600)
})

test('a wrong password says so, exits 3, and changes nothing', async () => {
  const before = contents()
  const wrong = { ...env, HYDRA_PASSWORD: 'Correct horse', HYDRA_NEW_PASSWORD: 'battery staple' }
  const { code, stdout, stderr } = await hydraNode(withFile('--change-password'), wrong)
  expect(stderr).toContain('The password does not open the wallet')
  expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
  expect(contents()).toBe(before)
})

test('a changed password opens the wallet and the old one does not', async () => {
  const before = JSON.parse(contents())
  const changed = await hydraNode(withFile('--change-password'), { ...env, HYDRA_NEW_PASSWORD: 'battery staple' })
  expect(changed.code).toBe(0)
  const after = JSON.parse(contents())
  expect(after.address).toBe(before.address)
  expect(after.kdf.salt).not.toBe(before.kdf.salt)
  expect(after.cipher.nonce).not.toBe(before.cipher.nonce)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const old = await hydraNode(withFile('--change-password'), { ...env, HYDRA_NEW_PASSWORD: 'x' })
  expect(old.code).toBe(3)
})

test('a wallet that is cut short or altered is refused with advice, and left as it is', async () => {
  const damagedFile = join(folder.path, 'damaged.wallet')
  const whole = contents()
  for (const damaged of [whole.slice(0, 300), '', whole.replace('"alice"', '"malice"')]) {
    writeFileSync(damagedFile, damaged)
    const actions = [['--change-password'], ['--export-wallet', join(folder.path, 'never')], ['--port', '0']]
    const outcomes = await Promise.all(actions.map(action => hydraNode([...action, '--wallet-file', damagedFile], env)))
    for (const { code, stderr } of outcomes) {
      expect(stderr).toContain('is damaged')
      expect(stderr).toContain('--restore-wallet')
      expect(code).toBe(1)
    }
    expect(readFileSync(damagedFile, 'utf8')).toBe(damaged)
  }
  expect(readdirSync(folder.path)).not.toContain('never')
})

test('the 24 words bring the same wallet back, and a wrong word is named', async () => {
  const restored = join(folder.path, 'restored.wallet')
  const restore = (words: string) => hydraNode(['--restore-wallet', '--wallet-file', restored], env, words)
  const wrong = await restore(phrase.replace(/^\S+/, 'hydra'))
  expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining('Word 1, "hydra"') })
  expect((await restore('')).code).toBe(2)
  expect(readdirSync(folder.path)).not.toContain('restored.wallet')
  expect((await restore(`  ${phrase.toUpperCase()}\n`)).code).toBe(0)
  expect(readWalletHeader(readFileSync(restored, 'utf8')).address).toBe(readWalletHeader(contents()).address)
})
