import { CounterRandom, chunkCountOf, taggedHash, utf8 } from '@hydraai/core'
import { type Network, SimulatedSwitch } from '@hydraai/network'
import { BlobStore, type KeyValueStore, memoryStorage, SimulatedDisk } from '@hydraai/storage'
import { expect, test } from 'vitest'
import { HandClock } from './consensus/testing/committee.ts'
import { Library } from './library.ts'
import { silentLogger } from './ports.ts'
import type { PeerBook } from './sync/peerBook.ts'

const clock = new HandClock()
const wires = new SimulatedSwitch({ clock, random: new CounterRandom(taggedHash('test', utf8('wires'))) })
let made = 0

/** A library whose peers are all that are connected. */
async function opened() {
  const network: Network = wires.network(`library${made++}`)
  const disk = new SimulatedDisk({ random: { below: () => 0 } })
  const { db } = memoryStorage(disk)
  const peers = { all: () => network.peers() } as unknown as PeerBook
  let reads = 0
  const counted: KeyValueStore = {
    get: key => {
      reads++
      return db.get(key)
    },
    batch: (operations, options) => db.batch(operations, options),
    range: range => db.range(range),
    close: () => db.close(),
  }
  const blobs = new BlobStore(counted)
  const library = new Library({ blobs, db, network, peers, logger: silentLogger })
  library.start()
  await network.start()
  await clock.advance(100)
  return { library, blobs, disk, reads: () => reads }
}

const bytesOf = (size: number, fill = 7) => new Uint8Array(size).fill(fill)

test('prune deletes what expired, but never what is still needed, which it looks at again later', async () => {
  const { library: own, blobs } = await opened()
  const [old, kept] = [await own.put(bytesOf(10, 1)), await own.put(bytesOf(10, 2))]
  for (const id of [old, kept]) await own.expire(id, 5)
  await own.prune(5, new Set())
  expect(await blobs.has(old)).toBe(true)
  await own.prune(6, new Set([kept]))
  expect([await blobs.has(old), await blobs.has(kept)]).toEqual([false, true])
  await own.prune(100, new Set())
  expect(await blobs.has(kept)).toBe(true)
  await own.prune(200, new Set())
  expect(await blobs.has(kept)).toBe(false)
})

test('content comes from a peer once, however many want it; more than was announced is not fetched', async () => {
  const [giver, taker] = [await opened(), await opened()]
  const bytes = bytesOf(3_000_000)
  const id = await giver.library.put(bytes)
  const before = giver.reads()
  const small = taker.library.get(id, { maxBytes: 1_000 })
  small.catch(() => {})
  await clock.advance(1_000)
  await expect(small).rejects.toMatchObject({ code: 'CONTENT_TOO_LARGE' })
  const wanted = [taker.library.get(id), taker.library.get(id)]
  await clock.advance(60_000)
  for (const one of await Promise.all(wanted)) expect(one.length).toBe(bytes.length)
  // The giver reads the blob once for its hashes, and then the chunks that are asked for, one or two of them twice.
  expect(giver.reads() - before).toBeLessThan(2 * chunkCountOf(bytes.length) + 8)
  expect(await taker.blobs.has(id)).toBe(true)
})

test('what the disk has spoilt is fetched again', async () => {
  const [giver, taker] = [await opened(), await opened()]
  const bytes = bytesOf(1_000, 9)
  const id = await giver.library.put(bytes)
  await taker.library.put(bytes)
  const key = `blob-chunk/${id}/00000000`
  const spoilt = taker.disk.values.get(key)!.slice()
  spoilt[5]! ^= 1
  taker.disk.values.set(key, spoilt)
  const got = taker.library.get(id)
  await clock.advance(10_000)
  expect(await got).toEqual(bytes)
})

test('a blob that the disk has spoilt is not served, and is deleted so that it can be fetched again', async () => {
  const [giver, taker] = [await opened(), await opened()]
  const id = await giver.library.put(bytesOf(600_000, 3))
  const key = `blob-chunk/${id}/00000001`
  const spoilt = giver.disk.values.get(key)!.slice()
  spoilt[5]! ^= 1
  giver.disk.values.set(key, spoilt)
  const got = taker.library.get(id)
  got.catch(() => {})
  await clock.advance(10_000)
  await expect(got).rejects.toMatchObject({ code: 'CONTENT_UNAVAILABLE' })
  expect(await giver.blobs.has(id)).toBe(false)
})
