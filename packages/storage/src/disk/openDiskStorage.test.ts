import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { cp, mkdir, readdir, readFile, rm, symlink, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { HydraError, utf8 } from '@hydraai/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { codeOf, storageConformance } from '../conformance.ts'
import type { Storage } from '../ports.ts'
import { BlockStore } from '../stores/blockStore.ts'
import { SignerStore } from '../stores/signerStore.ts'
import { diskPlace, temporaryFolder } from '../testing/diskPlace.ts'
import { blockOf, changeOf, signerRecordOf, stateOf } from '../testing/sampleBlocks.ts'
import { openDiskStorage } from './openDiskStorage.ts'

const WRITER = join(import.meta.dirname, '../testing/writer.ts')

storageConformance('disk', diskPlace)

let root: string
let folder: string

beforeEach(async () => {
  root = await temporaryFolder()
  folder = join(root, 'node')
})

afterEach(() => rm(root, { recursive: true }))

async function entriesOf(blocks: BlockStore): Promise<Map<string, Uint8Array>> {
  const entries = new Map<string, Uint8Array>()
  for await (const { key, value } of blocks.stateEntries()) entries.set(key, value)
  return entries
}

/** Checks that every height up to `acknowledged` is stored whole, and that nothing is stored in part. */
async function checkStored(storage: Storage, acknowledged: number): Promise<number> {
  const blocks = new BlockStore(storage.db)
  const latest = (await blocks.latestHeight()) ?? 0
  expect(latest).toBeGreaterThanOrEqual(acknowledged)
  for (let height = 1; height <= latest; height++) {
    const expected = blockOf(height)
    expect(await blocks.blockAt(height)).toEqual(expected.block)
    expect(await blocks.heightOf(expected.hash)).toBe(height)
    expect(await blocks.indexed(expected.index[0]![0])).toEqual(expected.index[0]![1])
  }
  if (latest > 0) expect(await entriesOf(blocks)).toEqual(stateOf(latest))
  expect((await new SignerStore(storage.db).load())?.height ?? 0).toBeGreaterThanOrEqual(latest)
  const log = await storage.openLog('wal')
  const records = (await log.read()).map(record => new TextDecoder().decode(record))
  // The record of a block that was not stored in the end was written again by the next process.
  for (let height = 1; height <= latest; height++) expect(records).toContain(`commit ${height}`)
  await log.close()
  return latest
}

/** Runs the writer until it has acknowledged `count` blocks, kills it, and returns the last height it acknowledged. */
async function writeAndKill(count: number): Promise<number> {
  const child: ChildProcess = spawn(process.execPath, [WRITER, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exit = once(child, 'exit')
  let acknowledged = 0
  let seen = 0
  for await (const line of createInterface({ input: child.stdout! })) {
    const [word, height] = line.split(' ')
    if (word === 'error') throw new Error(`the writer failed: ${line}`)
    if (word === 'ok') {
      acknowledged = Number(height)
      if (++seen === count) child.kill('SIGKILL')
    }
  }
  expect(await exit).toEqual([null, 'SIGKILL'])
  return acknowledged
}

test('kill -9 in the middle of writes, again and again: everything acknowledged is found again', async () => {
  let latest = 0
  for (const count of [1, 7, 40, 3, 25]) {
    const acknowledged = await writeAndKill(count)
    expect(acknowledged).toBeGreaterThanOrEqual(latest + count)
    const storage = await openDiskStorage(folder)
    latest = await checkStored(storage, acknowledged)
    await storage.close()
  }
})

/** Runs the writer with files limited to `kib`, as a disk that is full then; returns its words. */
function writeUpTo(kib: number, ...words: string[]): { acknowledged: number; error: string } {
  const script = `trap '' XFSZ; ulimit -S -f ${2 * kib}; exec "$0" "$@"`
  const { stdout, stderr } = spawnSync('sh', ['-c', script, process.execPath, WRITER, folder, ...words], {
    encoding: 'utf8',
  })
  const lines = stdout.trim().split('\n')
  const acknowledged = lines.filter(line => line.startsWith('ok ')).at(-1) ?? 'ok 0'
  return { acknowledged: Number(acknowledged.slice(3)), error: lines.at(-1)! + stderr }
}

describe.skipIf(process.platform === 'win32')('a full disk', () => {
  test('is said, everything acknowledged is kept, and with room again it goes on', async () => {
    const first = writeUpTo(150)
    expect(first.error).toBe('error STORAGE_FULL')
    expect(first.acknowledged).toBeGreaterThan(10)
    // Not even room to open: nothing may be lost by trying.
    expect(writeUpTo(8).error).toBe('error STORAGE_FULL')
    const storage = await openDiskStorage(folder)
    const latest = await checkStored(storage, first.acknowledged)
    await new BlockStore(storage.db).append([blockOf(latest + 1)], changeOf(latest + 1))
    await storage.close()
  })

  // LevelDB itself would take the write, acknowledge it, and have lost it when it is opened again.
  test.skipIf(spawnSync('prlimit', ['--version']).status !== 0)(
    'takes no more writes when it failed once',
    async () => {
      const { acknowledged, error } = writeUpTo(150, 'retry')
      expect(error).toBe('again STORAGE_FULL')
      const storage = await openDiskStorage(folder)
      await checkStored(storage, acknowledged)
      await storage.close()
    },
  )

  test.skipIf(process.platform !== 'linux')('a log with no room refuses the record, and those after it', async () => {
    await mkdir(join(folder, 'logs'), { recursive: true })
    await symlink('/dev/full', join(folder, 'logs', 'wal.log'))
    const storage = await openDiskStorage(folder)
    const log = await storage.openLog('wal')
    expect(await codeOf(log.append(utf8('a')))).toBe('STORAGE_FULL')
    expect(await codeOf(log.append(utf8('b')))).toBe('STORAGE_FULL')
    await storage.close()
  })
})

test('a second process on the same folder is refused with advice, and disturbs nothing', async () => {
  const storage = await openDiskStorage(folder)
  const blocks = new BlockStore(storage.db)
  await blocks.append([blockOf(1)], changeOf(1))
  const { stdout } = spawnSync(process.execPath, [WRITER, folder], { encoding: 'utf8' })
  expect(stdout).toBe('error STORAGE_LOCKED\n')
  await blocks.append([blockOf(2)], changeOf(2))
  await storage.close()
})

/** A hash of every file that holds data. */
async function fingerprint(): Promise<string> {
  const hash = createHash('sha256')
  for (const name of (await readdir(folder, { recursive: true })).sort()) {
    if (!/CURRENT|MANIFEST|ldb|\.log|FORMAT/.test(name)) continue
    hash.update(name).update(await readFile(join(folder, name)))
  }
  return hash.digest('hex')
}

async function filesOf(pattern: RegExp): Promise<string[]> {
  const names = (await readdir(join(folder, 'db'))).filter(name => pattern.test(name))
  expect(names.length).toBeGreaterThan(0)
  return names.map(name => join(folder, 'db', name))
}

async function flip(path: string, at: number): Promise<void> {
  const bytes = await readFile(path)
  bytes[at]! ^= 1
  await writeFile(path, bytes)
}

describe('a damaged database is reported with advice, and left as it is', () => {
  beforeEach(async () => {
    const storage = await openDiskStorage(folder)
    const blocks = new BlockStore(storage.db)
    for (let height = 1; height <= 20; height++) await blocks.append([blockOf(height)], changeOf(height))
    await storage.close()
    // Opening once more moves the log into a table; what comes after stays in the new log.
    const again = await openDiskStorage(folder)
    for (let height = 21; height <= 40; height++)
      await new BlockStore(again.db).append([blockOf(height)], changeOf(height))
    await again.close()
  })

  test.each<[string, () => Promise<unknown>]>([
    ['CURRENT overwritten', () => writeFile(join(folder, 'db/CURRENT'), 'garbage')],
    ['CURRENT emptied', () => writeFile(join(folder, 'db/CURRENT'), '')],
    ['CURRENT gone', () => unlink(join(folder, 'db/CURRENT'))],
    ['the whole database gone', () => rm(join(folder, 'db'), { recursive: true })],
    ['MANIFEST overwritten', async () => writeFile((await filesOf(/MANIFEST/))[0]!, 'x'.repeat(500))],
    ['a table gone', async () => unlink((await filesOf(/ldb$/))[0]!)],
    ['a bit of the log flipped', async () => flip((await filesOf(/\.log$/)).at(-1)!, 5000)],
  ])('%s: on opening', async (_, damage) => {
    await damage()
    const before = await fingerprint()
    const error = await openDiskStorage(folder).catch(error => error)
    expect(error).toBeInstanceOf(HydraError)
    expect(error.code).toBe('STORAGE_CORRUPT')
    expect(error.message).toMatch(/^The database in .+ is damaged: .+\.$/)
    expect(error.advice).toMatch(/Move the folder away/)
    expect(await fingerprint()).toBe(before)
  })

  test.each<[string, (path: string) => Promise<unknown>]>([
    ['overwritten', path => writeFile(path, 'x'.repeat(500))],
    ['with a flipped bit in a block', path => flip(path, 1500)],
  ])('a table %s: where it is read', async (_, damage) => {
    for (const path of await filesOf(/ldb$/)) await damage(path)
    const use = openDiskStorage(folder).then(async storage => {
      const blocks = new BlockStore(storage.db)
      try {
        for (let height = 1; height <= 40; height++) expect(await blocks.blockAt(height)).toEqual(blockOf(height).block)
      } finally {
        await storage.close()
      }
    })
    expect(await codeOf(use)).toBe('STORAGE_CORRUPT')
  })

  test("an unfinished end of the database's log is no damage: only what was never acknowledged is missing", async () => {
    const path = (await filesOf(/\.log$/)).at(-1)!
    const bytes = await readFile(path)
    const copy = join(root, 'copy')
    for (const cut of [1, 700, 3000]) {
      await cp(folder, copy, { recursive: true })
      await writeFile(path.replace(folder, copy), bytes.subarray(0, bytes.length - cut))
      const storage = await openDiskStorage(copy)
      const blocks = new BlockStore(storage.db)
      expect(await blocks.latestHeight()).toBe(39)
      expect(await entriesOf(blocks)).toEqual(stateOf(39))
      await storage.close()
      await rm(copy, { recursive: true })
    }
  })

  test('a folder of another version is refused', async () => {
    await writeFile(join(folder, 'FORMAT'), 'hydra-storage/2\n')
    expect(await codeOf(openDiskStorage(folder))).toBe('STORAGE_VERSION')
  })
})

test('a first start that was killed before it had a database is begun again', async () => {
  await mkdir(join(folder, 'db'), { recursive: true })
  await writeFile(join(folder, 'db', 'MANIFEST-000001'), 'half')
  await writeFile(join(folder, 'db', 'LOCK'), '')
  const storage = await openDiskStorage(folder)
  await new SignerStore(storage.db).save(signerRecordOf(1))
  await storage.close()
})

test('a file where the folder should be is said', async () => {
  await writeFile(folder, 'a file')
  expect(await codeOf(openDiskStorage(folder))).toBe('STORAGE_DENIED')
})
