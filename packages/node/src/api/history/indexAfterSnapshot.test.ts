import { CounterRandom, taggedHash } from '@hydraai/core'
import { moneyOf } from '@hydraai/ledger'
import { memoryStorage, SimulatedDisk } from '@hydraai/storage'
import { expect, test } from 'vitest'
import { Chain, type CommittedBlock } from '../../chain/chain.ts'
import { silentLogger } from '../../ports.ts'
import { buildLongChain } from '../../testing/longChain.ts'
import { LedgerIndex } from './ledgerIndex.ts'
import { netOf } from './totals.ts'

const built = buildLongChain({ blocks: 8, transactions: 0, validators: 1 })
const self = built.validators[0]!.address
const disk = () => memoryStorage(new SimulatedDisk({ random: new CounterRandom(taggedHash('test/index/1')) }))

/** What the blocks led to, one by one. */
async function history(): Promise<CommittedBlock[]> {
  const chain = await Chain.open({ genesis: built.genesis, storage: disk() })
  return chain.appendAll(built.blocks)
}

test('a chain that goes on from a snapshot is indexed from there: at a start, and while it runs', async () => {
  const committed = await history()
  const storage = disk()
  const chain = await Chain.open({ genesis: built.genesis, storage })
  const open = () =>
    new LedgerIndex({ chain, db: storage.db, self, now: () => Number.MAX_SAFE_INTEGER, logger: silentLogger })
  await chain.appendAll(built.blocks.slice(0, 2))
  const first = open()
  await first.start()
  expect(await first.account(self, { limit: 10 })).toMatchObject({ height: 2, since: 0 })

  await chain.restore(committed[4]!)
  await expect.poll(() => first.height).toBe(5)
  await chain.appendAll(built.blocks.slice(5, 7))
  await expect.poll(() => first.height).toBe(7)
  const { since, totals, heights } = await first.account(self, { limit: 10 })
  expect({ since, heights }).toEqual({ since: 5, heights: [7, 6, 5, 2, 0] })
  await first.stop()

  // The totals hold what is known: all but blocks 3 and 4.
  const missing = committed.slice(2, 4).flatMap(({ events }) => events.flatMap(moneyOf))
  const left = missing.reduce((sum, { account, amount }) => (account === self ? sum + amount : sum), 0n)
  const account = chain.state.accounts.get(self)!
  expect(account.balance + account.stake - netOf(totals)).toBe(left)

  await chain.appendAll(built.blocks.slice(7))
  const second = open()
  await second.start()
  expect(await second.account(self, { limit: 10 })).toMatchObject({ height: 8, since: 5 })
  await second.stop()
})
