import { utf8, ZERO_HASH } from '@hydraai/core'
import { beforeEach, expect, test } from 'vitest'
import { codeOf } from '../conformance.ts'
import { memoryStorage } from '../memory/memoryStorage.ts'
import { SimulatedDisk } from '../memory/simulatedDisk.ts'
import type { KeyValueStore, WriteOperation } from '../ports.ts'
import { blockOf } from '../testing/sampleBlocks.ts'
import { BlockStore } from './blockStore.ts'

let disk: SimulatedDisk
let db: KeyValueStore
let blocks: BlockStore

beforeEach(() => {
  disk = new SimulatedDisk({ random: { below: () => 0 } })
  db = memoryStorage(disk).db
  blocks = new BlockStore(db)
})

test('an empty store has no block', async () => {
  expect(await blocks.latestHeight()).toBeUndefined()
  expect(await blocks.latestState()).toBeUndefined()
  expect(await blocks.blockAt(1)).toBeUndefined()
  expect(await blocks.heightOf(ZERO_HASH)).toBeUndefined()
})

test('every part of every block is found again, and only the latest state', async () => {
  for (let height = 1; height <= 12; height++) await blocks.append(blockOf(height))
  for (let height = 1; height <= 12; height++) {
    const block = blockOf(height)
    expect(await blocks.blockAt(height)).toEqual(block.block)
    expect(await blocks.commitAt(height)).toEqual(block.commit)
    expect(await blocks.eventsAt(height)).toEqual(block.events)
    expect(await blocks.heightOf(block.hash)).toBe(height)
  }
  expect(await blocks.latestHeight()).toBe(12)
  expect(await blocks.latestState()).toEqual(blockOf(12).state)
  for (const height of [0, 13, -1, 1.5, Number.NaN]) expect(await blocks.blockAt(height)).toBeUndefined()
})

test('a block is one synced batch: all of it survives a crash, or none', async () => {
  const batches: { operations: readonly WriteOperation[]; sync: boolean }[] = []
  const watched: KeyValueStore = {
    get: key => db.get(key),
    batch: (operations, { sync }) => {
      batches.push({ operations, sync })
      return db.batch(operations, { sync })
    },
    range: range => db.range(range),
    close: () => db.close(),
  }
  await new BlockStore(watched).append(blockOf(1))
  expect(batches).toHaveLength(1)
  expect(batches[0]!.sync).toBe(true)
  disk.crash()
  const after = new BlockStore(memoryStorage(disk).db)
  expect(await after.blockAt(1)).toEqual(blockOf(1).block)
})

test('refuses a gap, a repetition, a step back and two at once', async () => {
  await blocks.append(blockOf(5))
  for (const height of [4, 5, 7, 5.5, -1])
    expect(await codeOf(blocks.append(blockOf(height)))).toBe('BLOCK_OUT_OF_ORDER')
  const first = blocks.append(blockOf(6))
  expect(await codeOf(blocks.append(blockOf(7)))).toBe('BLOCK_OUT_OF_ORDER')
  await first
  expect(await blocks.latestHeight()).toBe(6)
  expect(await blocks.blockAt(4)).toBeUndefined()
})

test('a block that is missing in the middle is damage, not an end', async () => {
  for (const height of [1, 2, 3]) await blocks.append(blockOf(height))
  await db.batch([{ type: 'del', key: 'block/0000000000000002' }], { sync: true })
  expect(await codeOf(blocks.blockAt(2))).toBe('STORAGE_CORRUPT')
  expect(await blocks.commitAt(2)).toEqual(blockOf(2).commit)
})

test("the index is looked up by the caller's own keys, and collides with nothing", async () => {
  const entry = (key: string, value: string) => [key, utf8(value)] as const
  await blocks.append({ ...blockOf(1), index: [entry('a/1', 'x'), entry('chain/latest', 'y')] })
  await blocks.append({ ...blockOf(2), index: [entry('a/2', 'z'), entry('a/1', 'new'), entry('~', 'last')] })
  expect(await blocks.indexed('a/1')).toEqual(utf8('new'))
  expect(await blocks.indexed('chain/latest')).toEqual(utf8('y'))
  expect(await blocks.latestHeight()).toBe(2)
  const keysOf = async (range: Parameters<BlockStore['indexRange']>[0]) => {
    const keys: string[] = []
    for await (const [key] of blocks.indexRange(range)) keys.push(key)
    return keys
  }
  expect(await keysOf({})).toEqual(['a/1', 'a/2', 'chain/latest', '~'])
  expect(await keysOf({ gte: 'a/', lt: 'a0', reverse: true, limit: 1 })).toEqual(['a/2'])
})
