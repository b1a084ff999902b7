import { createHash } from 'node:crypto'
import { cpSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openDiskStorage } from '@hydraai/storage'
import { beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { makeWallet, nodeFlags, startNode } from '../support/node.ts'
import { occupy, portOf } from '../support/ports.ts'
import type { Program } from '../support/program.ts'
import { Workplace } from '../support/workplace.ts'

const WAIT_MS = 180_000
const BLOCKS = 3
const workplace = new Workplace({ endAfterFailure: true })

/** Of the base folder when its node had stopped. */
let height: number
let hash: string

beforeAll(async () => {
  makeWallet(workplace, 'base')
  const { program, api } = await startNode(workplace, 'base', [
    '--found',
    '--models',
    'mnist-cnn',
    '--block-interval',
    '300',
  ])
  const top = await eventually(`${BLOCKS} blocks`, WAIT_MS, async () => {
    const { chain } = await api.status()
    return chain.height >= BLOCKS && chain
  })
  height = top.height
  hash = top.blockHash
  expect(await program.stop()).toEqual({ code: 0, signal: null })
}, WAIT_MS)

describe('what is wrong is said in a sentence with advice, and nothing is overwritten', () => {
  test.each([
    [['--no-such-flag'], /unknown option '--no-such-flag'/],
    [['--port', '70000'], /"70000" is not a port/],
    [['--peer', 'nonsense'], /"nonsense" is not a peer/],
    [['devnet', '--until', 'accuracy=2'], /accuracy=2/],
    [['devnet', '--nodes', 'many'], /"many" is not a number of nodes/],
  ])(
    '%j is wrong usage: exit code 2',
    async (args, sentence) => {
      const program = await workplace.run(args)
      expect(program.exit).toEqual({ code: 2, signal: null })
      expect(program.stderr.join('\n')).toMatch(sentence)
      expect(program.stderr.join('\n')).toMatch(/--help/)
      expect(program.stdout).toEqual([])
    },
    WAIT_MS,
  )

  test(
    'a wrong wallet password: exit code 3',
    async () => {
      const folder = copyOfBase('password')
      const before = filesOf(folder)
      const program = await workplace.run(nodeFlags(workplace, 'password'), { env: { HYDRA_PASSWORD: 'not this one' } })
      expectRefusal(program, 3, /password/i)
      expect(filesOf(folder)).toEqual(before)
    },
    WAIT_MS,
  )

  test(
    'a wallet file cut short',
    async () => {
      const folder = copyOfBase('cut')
      const wallet = join(folder, 'wallet.json')
      writeFileSync(wallet, readFileSync(wallet).subarray(0, 200))
      const before = filesOf(folder)
      const program = await workplace.run(nodeFlags(workplace, 'cut'))
      expectRefusal(program, 1, /wallet/i)
      expect(filesOf(folder)).toEqual(before)
    },
    WAIT_MS,
  )

  test(
    'a wallet that is there is not replaced by a new one',
    async () => {
      const folder = copyOfBase('again')
      const before = filesOf(folder)
      const program = await workplace.run([...nodeFlags(workplace, 'again'), '--create-wallet'])
      expectRefusal(program, 1, /wallet\.json is there already/)
      expect(filesOf(folder)).toEqual(before)
    },
    WAIT_MS,
  )

  test.each(['--port', '--api-port'])(
    'the port of %s in use',
    async flag => {
      const name = `taken${flag}`
      const folder = copyOfBase(name)
      const before = filesOf(folder)
      const server = await occupy(0)
      const port = String(portOf(server))
      try {
        const program = await workplace.run([...nodeFlags(workplace, name), flag, port])
        expectRefusal(program, 1, new RegExp(`port ${port}`, 'i'))
      } finally {
        server.close()
      }
      const after = filesOf(folder)
      for (const kept of ['wallet.json', 'genesis.json', 'peer.key']) expect(after[kept]).toBe(before[kept])
      await expectToGoOn(name)
    },
    WAIT_MS,
  )

  test.each([
    ['a byte of what was written last has changed', 'changed', damageLog],
    ['a file of it is gone', 'gone', removeCurrent],
  ])(
    'a corrupted database: %s',
    async (_what, name, damage) => {
      const folder = copyOfBase(name)
      damage(join(folder, 'store', 'db'))
      const before = filesOf(folder)
      const program = await workplace.run(nodeFlags(workplace, name))
      expectRefusal(program, 1, /database in .* is damaged/)
      expect(filesOf(folder)).toEqual(before)
    },
    WAIT_MS,
  )

  test(
    'a folder that a running node uses',
    async () => {
      const name = 'twice'
      copyOfBase(name)
      const { program, api } = await startNode(workplace, name, [])
      expectRefusal(await workplace.run(nodeFlags(workplace, name)), 1, /in use/)
      const before = await api.height()
      await eventually('blocks to go on', WAIT_MS, async () => (await api.height()) > before)
      expect(await program.stop()).toEqual({ code: 0, signal: null })
    },
    WAIT_MS,
  )

  test(
    'a disk without room at the start',
    async () => {
      const name = 'full'
      const folder = copyOfBase(name)
      const before = filesOf(folder)
      const program = await workplace.run(nodeFlags(workplace, name), { shell: 'ulimit -f 16' })
      expectRefusal(program, 1, /no room left|disk is full/)
      const after = filesOf(folder)
      for (const kept of ['wallet.json', 'genesis.json', 'peer.key']) expect(after[kept]).toBe(before[kept])
      await expectToGoOn(name)
    },
    WAIT_MS,
  )

  test(
    'a disk that fills up while the node runs: it stops, says so, and has lost nothing when there is room',
    async () => {
      const name = 'filling'
      copyOfBase(name)
      // Its log becomes a table here, so that the node itself begins with next to nothing to write.
      await (await openDiskStorage(workplace.path(name, 'store'))).close()
      const program = workplace.start(nodeFlags(workplace, name), { shell: 'ulimit -f 256' })
      await program.exited
      expectRefusal(program, 1, /no room left|disk is full/)
      const blocks = program.lines.filter(({ event }) => event === 'block')
      expect(blocks.length).toBeGreaterThan(0)
      const last = blocks.at(-1)!
      await expectToGoOn(name, { height: last.height, hash: last.hash })
    },
    WAIT_MS,
  )
})

function copyOfBase(name: string): string {
  const folder = workplace.path(name)
  cpSync(workplace.path('base'), folder, { recursive: true })
  return folder
}

/** SHA-256 of every file by its path; without LevelDB's own diary, which is no data. */
function filesOf(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()
  const files = names.filter(
    name => statSync(join(folder, name)).isFile() && !/store\/db\/(LOG|LOG\.old|LOCK)$/.test(name),
  )
  return Object.fromEntries(
    files.map(name => [
      name,
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex'),
    ]),
  )
}

/** One sentence and its advice on stderr: no stack, no log of anything that ran. */
function expectRefusal(program: Program, code: number, sentence: RegExp): void {
  const plain = program.stderr.filter(line => line !== '' && !line.startsWith('{'))
  expect(plain.join('\n')).toMatch(sentence)
  expect(plain.join('\n')).not.toMatch(/^\s+at /m)
  expect(plain.length).toBeLessThanOrEqual(3)
  expect(plain.length).toBeGreaterThanOrEqual(2)
  for (const line of plain) expect(line).toMatch(/[.!?]$/)
  expect(program.exit).toEqual({ code, signal: null })
}

/** The folder is whole: its node starts with every block it had, and makes more. */
async function expectToGoOn(name: string, had = { height, hash }): Promise<void> {
  const { program, api, ready } = await startNode(workplace, name, [])
  expect(ready.height).toBeGreaterThanOrEqual(had.height)
  expect((await api.block(had.height)).hash).toBe(had.hash)
  await eventually('a new block', WAIT_MS, async () => (await api.height()) > ready.height)
  expect(await program.stop()).toEqual({ code: 0, signal: null })
}

/** Changes a byte in the middle of LevelDB's own log, where the newest blocks stand. */
function damageLog(db: string): void {
  const logs = readdirSync(db).filter(name => /^\d+\.log$/.test(name))
  expect(logs).toHaveLength(1)
  const path = join(db, logs[0]!)
  const bytes = readFileSync(path)
  expect(bytes.length).toBeGreaterThan(1_000)
  const at = bytes.length >> 1
  bytes[at] = bytes[at]! ^ 0xff
  writeFileSync(path, bytes)
}

function removeCurrent(db: string): void {
  rmSync(join(db, 'CURRENT'))
}
