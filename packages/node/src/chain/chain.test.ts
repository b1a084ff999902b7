import { HydraError, utf8 } from '@hydraai/core'
import { encodeState, genesisHash, transactionId, trustedOf, trustGenesis, verifyAdjacent } from '@hydraai/ledger'
import { memoryStorage, SimulatedDisk, type Storage } from '@hydraai/storage'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { silentLogger } from '../ports.ts'
import { buildLongChain, type LongChain } from '../testing/longChain.ts'
import { Chain } from './chain.ts'
import { lightBlockAt } from './lightBlocks.ts'
import { Pruner } from './pruner.ts'

let long: LongChain
let disk: SimulatedDisk

beforeAll(() => {
  long = buildLongChain({ blocks: 70, validators: 4, transactions: 2, accounts: 3, parameters: { epochBlocks: 8 } })
})

beforeEach(() => {
  disk = new SimulatedDisk({ random: { below: () => 0 } })
})

const open = (storage: Storage = memoryStorage(disk)) => Chain.open({ genesis: long.genesis, storage })
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'no error',
    error => (error instanceof HydraError ? error.code : String(error)),
  )

/** Opens what the disk holds after the process was killed. */
async function reopened(): Promise<Chain> {
  disk.crash()
  return open()
}

describe('a chain', () => {
  test('is found again as it was, after a crash, with every block, its proofs and the whole state', async () => {
    const chain = await open()
    await chain.appendAll(long.blocks.slice(0, 30))
    for (const { block, commit } of long.blocks.slice(30)) await chain.append(block, commit)
    const again = await reopened()
    expect(again.tip).toEqual(chain.tip)
    expect(encodeState(again.state)).toEqual(encodeState(long.state))
    expect(encodeState(again.state)).toEqual(encodeState(chain.state))
    expect([again.lowest, again.height]).toEqual([1, long.blocks.length])
    for (const [i, { block, commit }] of long.blocks.entries()) {
      expect(await again.blockAt(i + 1)).toMatchObject({ block, commit })
      for (const one of block.transactions) expect(await again.heightOfTransaction(transactionId(one))).toBe(i + 1)
    }
    expect(await again.hashAt(0)).toBe(genesisHash(long.genesis))
    expect(await again.heightOf((await again.hashAt(9))!)).toBe(9)
  })

  test('shows each of its blocks to a light client, who believes them one after the other from genesis', async () => {
    const chain = await open()
    await chain.appendAll(long.blocks)
    let trusted = trustGenesis(long.genesis)
    const options = { trustingPeriodMs: 1e12, maxClockLeadMs: 0 }
    for (let height = 1; height <= chain.height; height++)
      trusted = verifyAdjacent(trusted, (await lightBlockAt(chain, height))!, long.state.time, options)
    expect(trusted.hash).toBe(chain.tip.hash)
    expect(await lightBlockAt(chain, chain.height + 1)).toBeUndefined()
  })

  test('takes the blocks before one that is refused, and nothing of the one', async () => {
    const chain = await open()
    const told: number[] = []
    chain.committed.add(({ block, state }) => {
      expect(chain.tip.height).toBe(block.header.height)
      expect(chain.state).toBe(state)
      told.push(block.header.height)
    })
    const wrong = { ...long.blocks[5]!, commit: long.blocks[6]!.commit }
    expect(await codeOf(chain.appendAll([...long.blocks.slice(0, 5), wrong, long.blocks[6]!]))).toBe('COMMIT_INVALID')
    expect(told).toEqual([1, 2, 3, 4, 5])
    expect((await reopened()).height).toBe(5)
  })

  test('writes for a block what the block changed, however many accounts there are', async () => {
    const sizes: number[] = []
    for (const accounts of [20, 400]) {
      const some = buildLongChain({ blocks: 3, validators: 1, transactions: 2, accounts })
      const storage = memoryStorage(new SimulatedDisk({ random: { below: () => 0 } }))
      const chain = await Chain.open({ genesis: some.genesis, storage })
      await chain.appendAll(some.blocks.slice(0, -1))
      const { batch } = storage.db
      let operations = 0
      storage.db.batch = (all, options) => {
        operations = all.length
        return batch.call(storage.db, all, options)
      }
      await chain.appendAll(some.blocks.slice(-1))
      sizes.push(operations)
    }
    expect(sizes[1]).toBe(sizes[0])
  })
})

describe('a folder', () => {
  test('of another network is refused', async () => {
    await (await open()).appendAll(long.blocks.slice(0, 3))
    const other = buildLongChain({ blocks: 0, validators: 2, transactions: 0 })
    disk.crash()
    expect(await codeOf(Chain.open({ genesis: other.genesis, storage: memoryStorage(disk) }))).toBe('CHAIN_FOREIGN')
  })

  test('of an earlier release, with the state in one piece, is refused with advice', async () => {
    await (await open()).appendAll(long.blocks.slice(0, 3))
    disk.crash()
    const storage = memoryStorage(disk)
    const keys: string[] = []
    for await (const [key] of storage.db.range({ gte: 'state/', lt: 'state0' })) keys.push(key)
    await storage.db.batch([...keys.map(key => ({ type: 'del' as const, key }))], { sync: true })
    await storage.db.batch([{ type: 'put', key: 'chain/state', value: utf8('all of it') }], { sync: true })
    const error = await open(storage).catch(error => error)
    expect(error).toMatchObject({ code: 'CHAIN_FORMAT_OLD', advice: expect.stringContaining('keep the wallet') })
  })

  test('whose state is not the one that its last block leads to is damaged', async () => {
    await (await open()).appendAll(long.blocks.slice(0, 10))
    disk.crash()
    const storage = memoryStorage(disk)
    const range = { gte: 'state/00000000/account', lt: 'state/00000000/accounu', limit: 1 }
    for await (const [key] of storage.db.range(range)) await storage.db.batch([{ type: 'del', key }], { sync: true })
    expect(['STORAGE_CORRUPT', 'CHAIN_FORMAT_OLD']).toContain(await codeOf(open(storage)))
  })

  test('survives a crash at every write of an append', async () => {
    for (let dieAt = 1; dieAt <= 4; dieAt++) {
      disk = new SimulatedDisk({ random: { below: n => (dieAt * 3) % n } })
      const chain = await open()
      await chain.appendAll(long.blocks.slice(0, dieAt))
      const dying = chain.appendAll(long.blocks.slice(dieAt, dieAt + 5))
      dying.catch(() => {})
      // The power goes while the write is under way.
      const again = await reopened()
      expect([dieAt, dieAt + 5]).toContain(again.height)
      await again.appendAll(long.blocks.slice(again.height))
      expect(encodeState(again.state)).toEqual(encodeState(long.state))
    }
  })
})

describe('pruning', () => {
  /** Looks again, for a few seconds at most. */
  async function until(done: () => boolean): Promise<void> {
    for (let i = 0; i < 200 && !done(); i++) await new Promise(resolve => setTimeout(resolve, 20))
  }

  test('keeps the latest blocks, through a restart, and the chain goes on', async () => {
    const chain = await open()
    const pruner = new Pruner({ chain, keep: 10, logger: silentLogger })
    pruner.start()
    await chain.appendAll(long.blocks.slice(0, 65))
    await until(() => chain.lowest === 56)
    expect(chain.lowest).toBe(56)
    const gone = long.blocks[20]!.block.transactions[0]!
    expect(await chain.blockAt(55)).toBeUndefined()
    expect(await chain.heightOfTransaction(transactionId(gone))).toBeUndefined()
    expect(await chain.hashAt(20)).toBe(trustedOf((await fullLight(20))!).hash)
    pruner.stop()
    // What was forgotten is so for good with the next block; a crash before that only brings it back.
    await chain.appendAll(long.blocks.slice(65, 66))
    const again = await reopened()
    expect(again.lowest).toBe(56)
    await again.appendAll(long.blocks.slice(66))
    expect(encodeState(again.state)).toEqual(encodeState(long.state))
    expect(await lightBlockAt(again, 60)).toEqual(await fullLight(60))
  })

  test('begins with what an earlier run left, some blocks at a time', async () => {
    const chain = await open()
    await chain.appendAll(long.blocks)
    expect(await chain.prune(1_000, 7)).toBe(7)
    expect(chain.lowest).toBe(8)
    new Pruner({ chain, keep: 3, logger: silentLogger }).start()
    await until(() => chain.lowest === long.blocks.length - 2)
    expect(chain.lowest).toBe(long.blocks.length - 2)
  })

  test('is not done by an archive node: without a pruner all blocks stay', async () => {
    const chain = await open()
    await chain.appendAll(long.blocks)
    await chain.prune(1, 50)
    expect(chain.lowest).toBe(1)
    expect(await chain.blockAt(1)).toBeDefined()
  })
})

async function fullLight(height: number) {
  const storage = memoryStorage(new SimulatedDisk({ random: { below: () => 0 } }))
  const chain = await Chain.open({ genesis: long.genesis, storage })
  await chain.appendAll(long.blocks)
  return lightBlockAt(chain, height)
}
