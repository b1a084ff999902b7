import { appendFile, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { utf8 } from '@hydraai/core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { temporaryFolder } from '../testing/diskPlace.ts'
import { inspectDiskStorage } from './inspect.ts'
import { openDiskStorage } from './openDiskStorage.ts'

let folder: string
beforeEach(async () => {
  folder = await temporaryFolder()
})
afterEach(() => rm(folder, { recursive: true }))

test('a folder that is not there stays so', async () => {
  expect(await inspectDiskStorage(join(folder, 'none'))).toEqual({ database: false, logs: [] })
  await expect(readFile(join(folder, 'none'))).rejects.toThrow()
})

test('a log is told whole, torn or damaged, and left as it is', async () => {
  const storage = await openDiskStorage(folder)
  const log = await storage.openLog('consensus')
  await log.append(utf8('one'))
  await log.append(utf8('two'))
  // In use by this very process.
  const report = await inspectDiskStorage(folder)
  expect(report).toMatchObject({
    database: true,
    logs: [{ name: 'consensus', tornBytes: 0, damage: null }],
  })
  const texts = report.logs[0]!.records.map(record => new TextDecoder().decode(record))
  expect(texts).toEqual(['one', 'two'])
  await storage.close()

  const { path } = report.logs[0]!
  const whole = await readFile(path)
  await appendFile(path, whole.subarray(0, 9))
  const torn = await readFile(path)
  expect((await inspectDiskStorage(folder)).logs).toMatchObject([{ tornBytes: 9, damage: null }])
  expect(await readFile(path)).toEqual(torn)

  whole[17]! ^= 1
  await writeFile(path, whole)
  expect((await inspectDiskStorage(folder)).logs).toMatchObject([
    { records: [], damage: { offset: 0, why: expect.stringContaining('checksum') } },
  ])
  expect(await readFile(path)).toEqual(whole)
})
