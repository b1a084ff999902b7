import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { contentIdOf } from '@hydraai/core'
import { DataFolder } from '@hydraai/node'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { z } from 'zod'
import { findNode } from './findNode.ts'
import { NodeClient } from './nodeClient.ts'

const TOKEN = 'token-of-a-test'
let home: string

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'hydra-find-'))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
  vi.stubEnv('HYDRA_HOME', home)
  onTestFinished(() => void vi.unstubAllEnvs())
})

/** Something that answers as a node does: `answers` by path, else 404 with a sentence. */
async function serve(answers: Readonly<Record<string, string | Uint8Array>> = {}): Promise<string> {
  const server = createServer((request, response) => {
    const found = request.url === '/api/status' ? '{}' : answers[request.url!]
    if (found === undefined) {
      response
        .writeHead(404)
        .end(JSON.stringify({ error: { code: 'NOT_FOUND', message: 'No such thing.', advice: 'Look.' } }))
    } else if (request.headers.authorization === `Bearer ${TOKEN}` || request.url === '/api/status') response.end(found)
    else response.writeHead(401).end('{}')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise<void>(resolve => void server.close(() => resolve())))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A data folder whose note says that a node answers at `url`. */
async function folderOf(name: string, url: string): Promise<string> {
  const path = join(home, name)
  mkdirSync(path, { recursive: true })
  writeFileSync(join(path, 'api-token'), `${TOKEN}\n`)
  await new DataFolder(path).noteApi({ url })
  return path
}

describe('the node that a command speaks to', () => {
  test('is the only one that answers; a note left behind by one that was killed does not count', async () => {
    await folderOf('dead', 'http://127.0.0.1:9')
    const path = await folderOf('alice', await serve())
    expect((await findNode({ dataDir: path })).folder.path).toBe(path)
    expect((await findNode({ user: 'alice' })).folder.path).toBe(path)
    await expect(findNode({ user: 'dead' })).rejects.toMatchObject({ code: 'NODE_NOT_RUNNING' })
    await expect(findNode({ user: 'nobody' })).rejects.toMatchObject({ code: 'NODE_NOT_RUNNING' })
  })

  test('has to be named where several run; the port of its API will do', async () => {
    await folderOf('alice', await serve())
    const url = await serve()
    const bob = await folderOf('bob', url)
    await expect(findNode({})).rejects.toMatchObject({ code: 'NODE_AMBIGUOUS', advice: expect.stringContaining(bob) })
    expect((await findNode({ apiPort: Number(new URL(url).port) })).folder.path).toBe(bob)
  })

  test('is the first of a local network when the folder of that is given', async () => {
    const first = await folderOf('net/alice', await serve())
    await folderOf('net/bob', await serve())
    expect((await findNode({ dataDir: join(home, 'net') })).folder.path).toBe(first)
  })
})

describe('a client of the API', () => {
  test('gives the answer, the sentence of a refusal, or nothing where there is none', async () => {
    const client = new NodeClient(await serve({ '/api/one': '{"n":1}', '/api/odd': '{"n":"x"}' }), TOKEN)
    const shape = z.object({ n: z.number() })
    expect(await client.get('/api/one', shape)).toEqual({ n: 1 })
    expect(await client.find('/api/none', shape)).toBe(undefined)
    await expect(client.get('/api/none', shape)).rejects.toMatchObject({ code: 'NOT_FOUND', advice: 'Look.' })
    await expect(client.get('/api/odd', shape)).rejects.toMatchObject({ code: 'NODE_ANSWER_INVALID' })
    await expect(new NodeClient('http://127.0.0.1:9', TOKEN).get('/x', shape)).rejects.toMatchObject({
      code: 'NODE_NOT_RUNNING',
    })
  })

  test('believes content only if it has its hash', async () => {
    const blob = Uint8Array.of(1, 2, 3)
    const [id, other] = [contentIdOf(blob), contentIdOf(Uint8Array.of(4))]
    const client = new NodeClient(await serve({ [`/api/content/${id}`]: blob, [`/api/content/${other}`]: blob }), TOKEN)
    expect(await client.content(id)).toEqual(blob)
    expect(await client.content(contentIdOf(Uint8Array.of(5)))).toBe(undefined)
    await expect(client.content(other)).rejects.toMatchObject({ code: 'NODE_ANSWER_INVALID' })
  })
})
