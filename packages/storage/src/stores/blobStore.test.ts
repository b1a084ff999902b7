import { CHUNK_BYTES, contentIdOf, type Hash, hashOf, ZERO_HASH } from '@hydraai/core'
import { beforeEach, expect, test } from 'vitest'
import { codeOf } from '../conformance.ts'
import { memoryStorage } from '../memory/memoryStorage.ts'
import { SimulatedDisk } from '../memory/simulatedDisk.ts'
import type { KeyValueStore } from '../ports.ts'
import { BlobStore } from './blobStore.ts'

let disk: SimulatedDisk
let db: KeyValueStore
let blobs: BlobStore

beforeEach(() => {
  disk = new SimulatedDisk({ random: { below: () => 0 } })
  db = memoryStorage(disk).db
  blobs = new BlobStore(db)
})

const bytesOf = (size: number) => new Uint8Array(size).map((_, index) => (index * 7 + (index >> 8)) % 256)

async function keysOf(): Promise<string[]> {
  const keys: string[] = []
  for await (const [key] of db.range({})) keys.push(key)
  return keys
}

test.each([0, 1, CHUNK_BYTES, CHUNK_BYTES + 1, 17 * CHUNK_BYTES + 5])(
  'a blob of %i bytes is kept under its content id',
  async size => {
    const bytes = bytesOf(size)
    const id = await blobs.put(bytes)
    expect(id).toBe(contentIdOf(bytes))
    expect(await blobs.has(id)).toBe(true)
    expect(await blobs.size(id)).toBe(size)
    expect(Buffer.compare((await blobs.get(id))!, bytes)).toBe(0)
    await blobs.delete(id)
    expect(await blobs.get(id)).toBeUndefined()
    expect(await keysOf()).toEqual([])
  },
)

test('a chunk is read alone, and none beyond the last or of what is not stored', async () => {
  const bytes = bytesOf(2 * CHUNK_BYTES + 3)
  const id = await blobs.put(bytes)
  for (const index of [0, 1, 2]) {
    const chunk = bytes.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES)
    expect(Buffer.compare((await blobs.chunk(id, index))!, chunk)).toBe(0)
  }
  for (const index of [3, -1, 0.5]) expect(await blobs.chunk(id, index)).toBeUndefined()
  expect(await blobs.chunk(ZERO_HASH, 0)).toBeUndefined()
})

test('what is not stored, or is no id, is not there', async () => {
  for (const id of [ZERO_HASH, '' as Hash, '../x' as Hash]) {
    expect(await blobs.get(id)).toBeUndefined()
    expect(await blobs.has(id)).toBe(false)
    await blobs.delete(id)
  }
})

test('blobs are listed, and storing one again changes nothing', async () => {
  const ids = [await blobs.put(bytesOf(10)), await blobs.put(bytesOf(20)), await blobs.put(bytesOf(10))]
  const listed: Hash[] = []
  for await (const id of blobs.ids()) listed.push(id)
  expect(listed).toEqual([...new Set(ids)].sort())
})

/** Changes what the disk holds of a blob, below all checks but the blob's own. */
async function replaceChunk(id: Hash, change: (chunk: Uint8Array) => Uint8Array | undefined): Promise<void> {
  const key = `blob-chunk/${id}/00000001`
  const value = change((await db.get(key))!)
  await db.batch([value === undefined ? { type: 'del', key } : { type: 'put', key, value }], { sync: true })
}

test.each<[string, (id: Hash) => Promise<void> | void]>([
  ['a flipped bit on the disk', id => flipStored(`blob-chunk/${id}/00000001`)],
  ['a flipped bit in its size', id => flipStored(`blob/${id}`)],
  ['another chunk', id => replaceChunk(id, chunk => chunk.map(byte => byte ^ 1))],
  ['a short chunk', id => replaceChunk(id, chunk => chunk.subarray(1))],
  ['a missing chunk', id => replaceChunk(id, () => undefined)],
])('%s is reported, not served, and can be healed by storing the blob again', async (_, damage) => {
  const bytes = bytesOf(3 * CHUNK_BYTES)
  const id = await blobs.put(bytes)
  await damage(id)
  expect(await codeOf(blobs.get(id))).toBe('BLOB_CORRUPT')
  await blobs.delete(id)
  expect(await blobs.has(id)).toBe(false)
  expect(await blobs.put(bytes)).toBe(id)
  expect(Buffer.compare((await blobs.get(id))!, bytes)).toBe(0)
})

function flipStored(key: string): void {
  const stored = disk.values.get(key)!.slice()
  stored[stored.length - 1]! ^= 8
  disk.values.set(key, stored)
}

test('a blob that a crash cut short is not there', async () => {
  const bytes = bytesOf(40 * CHUNK_BYTES)
  let writes = 0
  let crash = () => {}
  const crashed = new Promise<void>(resolve => {
    crash = resolve
  })
  const slow = new SimulatedDisk({ random: { below: () => 0 }, delay: async () => void (++writes === 3 && crash()) })
  void new BlobStore(memoryStorage(slow).db).put(bytes)
  await crashed
  slow.crash()
  const after = new BlobStore(memoryStorage(slow).db)
  expect(await after.get(contentIdOf(bytes))).toBeUndefined()
  await after.put(bytes)
  expect(hashOf((await after.get(contentIdOf(bytes)))!)).toBe(hashOf(bytes))
})
