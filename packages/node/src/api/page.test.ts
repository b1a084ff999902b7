import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { HydraNode } from '../node.ts'
import { TestNetwork } from './testing/world.ts'

const network = new TestNetwork()
let node: HydraNode
let folder: string

beforeAll(async () => {
  node = await network.node(0, { trains: false })
  folder = await mkdtemp(join(tmpdir(), 'hydra-page-'))
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>page</title>')
  await writeFile(join(folder, '.hidden'), 'secret')
})
afterAll(async () => {
  await network.close()
  await rm(folder, { recursive: true })
})

it('serves the page under the policy, and nothing outside of its folder', async () => {
  const api = await network.serve(node, { staticFolder: folder })
  const page = await api.get('/')
  expect(page.status).toBe(200)
  expect(page.text).toContain('<title>page</title>')
  expect(page.headers['content-security-policy']).toContain("default-src 'self'")
  for (const path of ['/../package.json', '/%2e%2e/package.json', '/..%2fpackage.json', '/.hidden', '//etc/passwd'])
    expect([400, 403, 404], path).toContain((await api.get(path)).status)
})

it('says how to build the page where it was not built', async () => {
  const api = await network.serve(node, { staticFolder: join(folder, 'nowhere') })
  const page = await api.get('/')
  expect(page.status).toBe(404)
  expect(page.json.error).toMatchObject({ code: 'PAGE_NOT_BUILT', advice: expect.stringContaining('npm run build') })
})
