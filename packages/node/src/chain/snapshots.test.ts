import { contentIdOf } from '@hydraai/core'
import { decodeState, encodeState, stateRoot } from '@hydraai/ledger'
import { BlobStore, memoryStorage, SimulatedDisk } from '@hydraai/storage'
import { expect, test } from 'vitest'
import { Library } from '../library.ts'
import { silentLogger } from '../ports.ts'
import { buildLongChain } from '../testing/longChain.ts'
import { Chain } from './chain.ts'
import { Snapshots } from './snapshots.ts'

const long = buildLongChain({ blocks: 40, validators: 1, transactions: 1, accounts: 2 })

async function setUp(target: number, disk = new SimulatedDisk({ random: { below: () => 0 } })) {
  const { db } = memoryStorage(disk)
  const storage = { db, openLog: () => Promise.reject(new Error('no log')), close: async () => {} }
  const chain = await Chain.open({ genesis: long.genesis, storage })
  const blobs = new BlobStore(db)
  // Nobody is asked for content here.
  const library = new Library({ blobs, db, network: null as never, peers: null as never, logger: silentLogger })
  const snapshots = new Snapshots({ chain, db, library, logger: silentLogger, every: 10 })
  snapshots.follow(() => target)
  return { chain, blobs, snapshots, disk }
}

const settled = () => new Promise(resolve => setTimeout(resolve, 200))

test('the state of every so many blocks is kept as content, the last two of them, and a restart finds them', async () => {
  const { chain, blobs, snapshots, disk } = await setUp(0)
  await chain.appendAll(long.blocks)
  await settled()
  const held = await snapshots.list()
  expect(held.map(({ height }) => height)).toEqual([40, 30])
  for (const { height, hash, id, bytes } of held) {
    const content = (await blobs.get(id))!
    expect([content.length, contentIdOf(content)]).toEqual([bytes, id])
    const state = decodeState(content)
    expect([state.height, state.blockHash]).toEqual([height, hash])
    expect(stateRoot(state)).toBe(long.blocks[height - 1]!.block.header.state)
    expect(encodeState(state)).toEqual(content)
  }
  const ids = []
  for await (const id of blobs.ids()) ids.push(id)
  expect(ids.sort()).toEqual(held.map(({ id }) => id).sort())
  disk.crash()
  expect(await (await setUp(0, disk)).snapshots.list()).toEqual(held)
})

test('none is taken on the way to a height far beyond', async () => {
  const { chain, snapshots } = await setUp(35)
  await chain.appendAll(long.blocks)
  await settled()
  expect((await snapshots.list()).map(({ height }) => height)).toEqual([40, 30])
  const far = await setUp(1_000)
  await far.chain.appendAll(long.blocks)
  await settled()
  expect(await far.snapshots.list()).toEqual([])
})

test('a node that stands far from its last snapshot begins with one of where it stands', async () => {
  const { chain, disk } = await setUp(1_000)
  await chain.appendAll(long.blocks.slice(0, 37))
  await settled()
  disk.crash()
  const again = await setUp(37, disk)
  await settled()
  expect((await again.snapshots.list()).map(({ height }) => height)).toEqual([37])
})
