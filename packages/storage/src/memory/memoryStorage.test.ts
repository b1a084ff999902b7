import { CounterRandom, hashOf, utf8 } from '@hydraai/core'
import { expect, test } from 'vitest'
import { codeOf, storageConformance } from '../conformance.ts'
import { memoryStorage } from './memoryStorage.ts'
import { SimulatedDisk } from './simulatedDisk.ts'

const randomOf = (seed: number) => new CounterRandom(hashOf(utf8(String(seed))))

storageConformance('memory', async () => {
  const disk = new SimulatedDisk({ random: randomOf(1) })
  return {
    open: async () => memoryStorage(disk),
    crash: async () => disk.crash(),
    damageValue: async key => {
      const stored = disk.values.get(key)!.slice()
      stored[stored.length - 1]! ^= 1
      disk.values.set(key, stored)
    },
    changeLog: async (name, change) => disk.setLog(name, change(Buffer.concat(disk.logPieces(name)))),
    dispose: async () => {},
  }
})

/** Crashes a disk with writes under way; returns what is found after it, as text. */
async function historyOf(seed: number): Promise<string> {
  const disk = new SimulatedDisk({ random: randomOf(seed) })
  const before = memoryStorage(disk)
  const log = await before.openLog('wal')
  const acknowledged: string[] = []
  for (let n = 0; n < 6; n++) {
    void log.append(new Uint8Array(20).fill(n)).then(() => acknowledged.push(`log ${n}`))
    void before.db
      .batch([{ type: 'put', key: `k${n}`, value: Uint8Array.of(n) }], { sync: n % 3 === 0 })
      .then(() => n % 3 === 0 && acknowledged.push(`batch ${n}`))
  }
  for (let turn = 0; turn < seed % 16; turn++) await null
  disk.crash()
  const after = memoryStorage(disk)
  const found: string[] = []
  const logAfter = await after.openLog('wal')
  for (const record of await logAfter.read()) found.push(`log ${record[0]}`)
  for await (const [, value] of after.db.range({})) found.push(`batch ${value[0]}`)
  expect(found).toEqual(expect.arrayContaining(acknowledged))
  return JSON.stringify({ acknowledged, found, torn: logAfter.tornBytes })
}

test('a seed gives one history; seeds differ in what a crash leaves, and nothing acknowledged is ever lost', async () => {
  const histories = new Set<string>()
  let torn = 0
  for (let seed = 0; seed < 40; seed++) {
    const history = await historyOf(seed)
    expect(await historyOf(seed)).toBe(history)
    histories.add(history)
    if (JSON.parse(history).torn > 0) torn++
  }
  expect(histories.size).toBeGreaterThan(3)
  expect(torn).toBeGreaterThan(0)
})

test('unsynced batches can be lost in a crash, from the end', async () => {
  const counts = new Set<number>()
  for (let seed = 0; seed < 20; seed++) {
    const disk = new SimulatedDisk({ random: randomOf(seed) })
    const before = memoryStorage(disk)
    for (let n = 0; n < 4; n++) {
      await before.db.batch([{ type: 'put', key: 'last', value: Uint8Array.of(n) }], { sync: n === 0 })
    }
    disk.crash()
    counts.add((await memoryStorage(disk).db.get('last'))![0]!)
  }
  expect([...counts].sort()).toEqual([0, 1, 2, 3])
})

test('writes take as long as the delay says, and nothing of a crashed process runs on', async () => {
  let release = () => {}
  const delay = () =>
    new Promise<void>(resolve => {
      release = resolve
    })
  const disk = new SimulatedDisk({ random: { below: () => 0 }, delay })
  const before = memoryStorage(disk)
  const log = await before.openLog('wal')
  const settled: string[] = []
  const settle = (name: string) => [() => settled.push(name), () => settled.push(`${name} failed`)] as const
  void log.append(utf8('a')).then(...settle('a'))
  await turns()
  expect(settled).toEqual([])
  release()
  await turns()
  expect(settled).toEqual(['a'])
  void log.append(utf8('b')).then(...settle('b'))
  await turns()
  disk.crash()
  release()
  void before.db.get('a').then(...settle('get'))
  void log.append(utf8('c')).then(...settle('c'))
  await turns()
  expect(settled).toEqual(['a'])
  expect(await (await memoryStorage(disk).openLog('wal')).read()).toEqual([utf8('a')])
})

async function turns(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await null
}

test('a full disk refuses writes until the storage is opened again with room, and keeps what it had', async () => {
  const disk = new SimulatedDisk({ random: randomOf(1), capacityBytes: 200 })
  const value = new Uint8Array(100)
  const before = memoryStorage(disk)
  const log = await before.openLog('wal')
  await log.append(utf8('kept'))
  await before.db.batch([{ type: 'put', key: 'kept', value }], { sync: true })
  expect(await codeOf(before.db.batch([{ type: 'put', key: 'more', value }], { sync: true }))).toBe('STORAGE_FULL')
  expect(await codeOf(log.append(value))).toBe('STORAGE_FULL')
  disk.setCapacity(1000)
  expect(await codeOf(log.append(utf8('x')))).toBe('STORAGE_FULL')
  await before.close()
  const after = memoryStorage(disk)
  expect(await after.db.get('kept')).toEqual(value)
  expect(await after.db.get('more')).toBeUndefined()
  await after.db.batch([{ type: 'put', key: 'more', value }], { sync: true })
  expect(await (await after.openLog('wal')).read()).toEqual([utf8('kept')])
})

test('a flipped bit is noticed when it is read, never served, and a wiped disk is a new one', async () => {
  const disk = new SimulatedDisk({ random: randomOf(2), capacityBytes: 10_000 })
  const before = memoryStorage(disk)
  await before.db.batch([{ type: 'put', key: 'kept', value: utf8('value') }], { sync: true })
  await (await before.openLog('wal')).append(utf8('record'))
  await before.close()
  expect(disk.logNames()).toEqual(['wal'])
  expect([disk.flipValueBit('kept', 77), disk.flipValueBit('never', 0)]).toEqual([true, false])
  expect([disk.flipLogBit('wal', 40), disk.flipLogBit('none', 0)]).toEqual([true, false])
  const after = memoryStorage(disk)
  expect(await codeOf(after.db.get('kept'))).toBe('STORAGE_CORRUPT')
  expect(await codeOf((await after.openLog('wal')).read())).toBe('LOG_CORRUPT')
  await after.close()
  disk.wipe()
  expect(disk.usedBytes).toBe(0)
  const fresh = memoryStorage(disk)
  expect(await fresh.db.get('kept')).toBeUndefined()
  expect(await (await fresh.openLog('wal')).read()).toEqual([])
})
