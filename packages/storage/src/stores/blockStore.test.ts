import { utf8, ZERO_HASH } from '@hydraai/core'
import { beforeEach, describe, expect, test } from 'vitest'
import { codeOf } from '../conformance.ts'
import { memoryStorage } from '../memory/memoryStorage.ts'
import { SimulatedDisk } from '../memory/simulatedDisk.ts'
import type { KeyValueStore, WriteOperation } from '../ports.ts'
import { blockOf, changeOf, stateOf } from '../testing/sampleBlocks.ts'
import { BlockStore, type StateEntry } from './blockStore.ts'

let disk: SimulatedDisk
let db: KeyValueStore
let blocks: BlockStore

beforeEach(() => {
  disk = new SimulatedDisk({ random: { below: () => 0 } })
  db = memoryStorage(disk).db
  blocks = new BlockStore(db)
})

const append = (height: number) => blocks.append([blockOf(height)], changeOf(height))

async function entriesOf(store: BlockStore): Promise<Map<string, Uint8Array>> {
  const entries = new Map<string, Uint8Array>()
  for await (const { key, value } of store.stateEntries()) entries.set(key, value)
  return entries
}

async function keysOf(): Promise<string[]> {
  const keys: string[] = []
  for await (const [key] of db.range({})) keys.push(key)
  return keys
}

/** The store as it is, but for what `see` does about each batch. */
function watched(see: (operations: readonly WriteOperation[], options: { sync: boolean }) => void): KeyValueStore {
  return {
    get: key => db.get(key),
    batch: async (operations, options) => {
      see(operations, options)
      return db.batch(operations, options)
    },
    range: range => db.range(range),
    close: () => db.close(),
  }
}

describe('append', () => {
  test('an empty store has no block and no state', async () => {
    expect(await blocks.latestHeight()).toBeUndefined()
    expect(await blocks.firstHeight()).toBeUndefined()
    expect(await entriesOf(blocks)).toEqual(new Map())
    expect(await blocks.blockAt(1)).toBeUndefined()
    expect(await blocks.hashAt(1)).toBeUndefined()
    expect(await blocks.heightOf(ZERO_HASH)).toBeUndefined()
  })

  test('every part of every block is found again, and the state that all changes lead to', async () => {
    for (let height = 1; height <= 12; height++) await append(height)
    for (let height = 1; height <= 12; height++) {
      const block = blockOf(height)
      expect(await blocks.blockAt(height)).toEqual(block.block)
      expect(await blocks.commitAt(height)).toEqual(block.commit)
      expect(await blocks.eventsAt(height)).toEqual(block.events)
      expect(await blocks.heightOf(block.hash)).toBe(height)
      expect(await blocks.hashAt(height)).toBe(block.hash)
    }
    expect([await blocks.firstHeight(), await blocks.latestHeight()]).toEqual([1, 12])
    expect(await entriesOf(blocks)).toEqual(stateOf(12))
    for (const height of [0, 13, -1, 1.5, Number.NaN]) expect(await blocks.blockAt(height)).toBeUndefined()
  })

  test('a run of blocks is one synced batch: all of it survives a crash, or none', async () => {
    const batches: { operations: readonly WriteOperation[]; sync: boolean }[] = []
    const store = new BlockStore(watched((operations, { sync }) => batches.push({ operations, sync })))
    await store.append([blockOf(1), blockOf(2), blockOf(3)], changeOf(3))
    expect(batches).toHaveLength(1)
    expect(batches[0]!.sync).toBe(true)
    disk.crash()
    const after = new BlockStore(memoryStorage(disk).db)
    expect(await after.blockAt(1)).toEqual(blockOf(1).block)
    expect(await after.latestHeight()).toBe(3)
  })

  test('writes what changed of the state and no more: what a block costs does not grow with all accounts', async () => {
    for (let height = 1; height <= 50; height++)
      await blocks.append([blockOf(height)], { put: [{ key: `account ${height}`, value: utf8('x') }], del: [] })
    const written: string[] = []
    const store = new BlockStore(watched(operations => written.push(...operations.map(({ key }) => key))))
    await store.append([blockOf(51)], { put: [{ key: 'account 7', value: utf8('y') }], del: ['account 8'] })
    expect(written.filter(key => key.startsWith('state/'))).toHaveLength(2)
    const entries = await entriesOf(blocks)
    expect([entries.size, entries.get('account 7'), entries.get('account 8')]).toEqual([49, utf8('y'), undefined])
  })

  test('refuses a gap, a repetition, a step back and two at once', async () => {
    await append(5)
    for (const height of [4, 5, 7, 5.5, -1]) expect(await codeOf(append(height))).toBe('BLOCK_OUT_OF_ORDER')
    expect(await codeOf(blocks.append([blockOf(6), blockOf(8)], changeOf(6)))).toBe('BLOCK_OUT_OF_ORDER')
    const first = append(6)
    expect(await codeOf(append(7))).toBe('BLOCK_OUT_OF_ORDER')
    await first
    expect(await blocks.latestHeight()).toBe(6)
    expect(await blocks.blockAt(4)).toBeUndefined()
  })

  test('a block that is missing in the middle is damage, not an end', async () => {
    for (const height of [1, 2, 3]) await append(height)
    await db.batch([{ type: 'del', key: 'block/0000000000000002' }], { sync: true })
    expect(await codeOf(blocks.blockAt(2))).toBe('STORAGE_CORRUPT')
    expect(await blocks.commitAt(2)).toEqual(blockOf(2).commit)
  })

  test("the index is looked up by the caller's own keys, and collides with nothing", async () => {
    const entry = (key: string, value: string) => [key, utf8(value)] as const
    await blocks.append([{ ...blockOf(1), index: [entry('a/1', 'x'), entry('chain/latest', 'y')] }], changeOf(1))
    const second = { ...blockOf(2), index: [entry('a/2', 'z'), entry('a/1', 'new'), entry('~', 'last')] }
    await blocks.append([second], changeOf(2))
    expect(await blocks.indexed('a/1')).toEqual(utf8('new'))
    expect(await blocks.indexed('chain/latest')).toEqual(utf8('y'))
    expect(await blocks.latestHeight()).toBe(2)
    const found = async (range: Parameters<BlockStore['indexRange']>[0]) => {
      const keys: string[] = []
      for await (const [key] of blocks.indexRange(range)) keys.push(key)
      return keys
    }
    expect(await found({})).toEqual(['a/1', 'a/2', 'chain/latest', '~'])
    expect(await found({ gte: 'a/', lt: 'a0', reverse: true, limit: 1 })).toEqual(['a/2'])
  })
})

const indexKeysOf = (block: Uint8Array): string[] => {
  const height = Array.from({ length: 100 }, (_, i) => i).find(i => equal(blockOf(i).block, block))!
  return blockOf(height).index.map(([key]) => key)
}
const equal = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0

describe('prune', () => {
  test('forgets the oldest blocks in bounded steps, with all that was stored of them but their hashes', async () => {
    for (let height = 1; height <= 10; height++) await append(height)
    expect(await blocks.prune(8, { limit: 4, indexKeysOf })).toBe(4)
    expect(await blocks.firstHeight()).toBe(5)
    expect(await blocks.prune(8, { limit: 4, indexKeysOf })).toBe(3)
    expect(await blocks.prune(8, { limit: 4, indexKeysOf })).toBe(0)
    expect([await blocks.firstHeight(), await blocks.latestHeight()]).toEqual([8, 10])
    expect(await blocks.blockAt(7)).toBeUndefined()
    expect(await blocks.heightOf(blockOf(7).hash)).toBeUndefined()
    expect(await blocks.hashAt(7)).toBe(blockOf(7).hash)
    expect((await keysOf()).filter(key => /^(block|commit|events|index)\//.test(key))).toHaveLength(4 * 3)
    expect(await entriesOf(blocks)).toEqual(stateOf(10))
    await append(11)
    expect(await blocks.blockAt(8)).toEqual(blockOf(8).block)
  })

  test('never forgets the latest block, whatever is asked', async () => {
    for (let height = 1; height <= 3; height++) await append(height)
    expect(await blocks.prune(100, { limit: 100, indexKeysOf })).toBe(2)
    expect([await blocks.firstHeight(), await blocks.latestHeight()]).toEqual([3, 3])
    expect(await blocks.blockAt(3)).toEqual(blockOf(3).block)
  })
})

describe('restore', () => {
  const state: StateEntry[] = Array.from({ length: 5_000 }, (_, i) => ({
    key: `account ${String(i).padStart(5, '0')}`,
    value: utf8(`value ${i}`),
  }))
  const whole = new Map(state.map(({ key, value }) => [key, value]))

  test('begins anew at the block, with the whole state and nothing of the old one', async () => {
    for (let height = 1; height <= 3; height++) await append(height)
    await blocks.restore(blockOf(40), state)
    expect([await blocks.firstHeight(), await blocks.latestHeight()]).toEqual([40, 40])
    expect(await entriesOf(blocks)).toEqual(whole)
    expect((await keysOf()).filter(key => key.startsWith('state/'))).toHaveLength(5_000)
    await append(41)
    expect((await entriesOf(blocks)).size).toBe(5_002)
    // What was held before is no block of this chain any more, and goes with the next pruning.
    expect(await blocks.prune(40, { limit: 100, indexKeysOf })).toBe(3)
    expect(await blocks.firstHeight()).toBe(40)
  })

  test('never goes back', async () => {
    await append(5)
    for (const height of [4, 5, -1, 6.5])
      expect(await codeOf(blocks.restore(blockOf(height), state))).toBe('BLOCK_OUT_OF_ORDER')
    expect(await blocks.latestHeight()).toBe(5)
  })

  test('a crash at any of its writes leaves what was there, or all that is new; never a mixture', async () => {
    let writes = 0
    const count = new BlockStore(watched(() => writes++))
    await count.append([blockOf(1)], changeOf(1))
    const before = writes
    await count.restore(blockOf(40), state)
    expect(writes - before).toBeGreaterThan(3)
    for (let crashAt = 1; crashAt <= writes - before; crashAt++) {
      disk = new SimulatedDisk({ random: { below: n => (crashAt * 7) % n } })
      db = memoryStorage(disk).db
      await new BlockStore(db).append([blockOf(1)], changeOf(1))
      let seen = 0
      const dying = new BlockStore(
        watched(() => {
          if (++seen === crashAt) throw new Error('the power is gone')
        }),
      )
      await dying.restore(blockOf(40), state).catch(() => {})
      disk.crash()
      db = memoryStorage(disk).db
      blocks = new BlockStore(db)
      await blocks.tidy()
      const latest = await blocks.latestHeight()
      expect([1, 40]).toContain(latest)
      expect(await entriesOf(blocks)).toEqual(latest === 1 ? stateOf(1) : whole)
      expect((await keysOf()).filter(key => key.startsWith('state/'))).toHaveLength(latest === 1 ? 2 : 5_000)
      // And it can be tried again.
      if (latest === 1) await blocks.restore(blockOf(40), state)
      expect(await entriesOf(blocks)).toEqual(whole)
    }
  })
})
