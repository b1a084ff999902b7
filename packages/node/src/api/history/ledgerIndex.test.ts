import { type Address, addressOf } from '@hydraai/core'
import { accountOf, genesisEvents, type LedgerEvent, moneyOf } from '@hydraai/ledger'
import { afterAll, expect, it } from 'vitest'
import type { HydraNode } from '../../node.ts'
import { eventually, TestNetwork } from '../testing/world.ts'
import { LedgerIndex } from './ledgerIndex.ts'
import { netOf } from './totals.ts'

const network = new TestNetwork({ parameters: { blockIntervalMs: 5 } })
afterAll(() => network.close())

function indexOf(node: HydraNode): LedgerIndex {
  const { chain, address, ports } = node
  return new LedgerIndex({ chain, db: ports.storage.db, self: address, now: () => Date.now(), logger: ports.logger })
}

async function eventsUpTo(node: HydraNode, height: number): Promise<LedgerEvent[]> {
  const events = genesisEvents(node.chain.genesis)
  for (let at = 1; at <= height; at++) events.push(...(await node.chain.blockAt(at))!.events)
  return events
}

function sumOf(events: readonly LedgerEvent[], address: Address): bigint {
  const entries = events.flatMap(moneyOf).filter(({ account }) => account === address)
  return entries.reduce((sum, { amount }) => sum + amount, 0n)
}

it('holds every account as the ledger has it, through stops, missed blocks and a restart', async () => {
  const disk = network.disk()
  let node = await network.node(0, { disk })
  const first = indexOf(node)
  await first.start()
  await eventually('some blocks', () => first.height >= 5)
  await first.stop()
  const stoodAt = first.height
  await eventually('blocks that the index missed', () => node.chain.height >= stoodAt + 130)
  await node.stop()

  node = await network.node(0, { disk })
  const second = indexOf(node)
  await second.start()
  expect(second.height).toBeGreaterThanOrEqual(stoodAt + 130)
  await eventually('a block more', () => node.chain.height > stoodAt + 131 && second.complete)
  const history = await second.account(node.address, { limit: 10_000 })
  const events = await eventsUpTo(node, history.height)
  expect(netOf(history.totals)).toBe(sumOf(events, node.address))
  const account = accountOf(history.state!, node.address)
  expect(netOf(history.totals)).toBe(account.balance + account.stake)
  const rewarded = await Promise.all(
    history.heights.map(async height =>
      height === 0 ? genesisEvents(node.chain.genesis) : (await node.chain.blockAt(height))!.events,
    ),
  )
  expect(sumOf(rewarded.flat(), node.address)).toBe(netOf(history.totals))
  await second.stop()
})

it('begins with what the genesis gave', async () => {
  const other = new TestNetwork({ validators: 4 })
  const node = await other.node(0)
  const index = indexOf(node)
  await index.start()
  for (const { publicKey, stake } of other.founding.genesis.validators)
    expect(await index.totals(addressOf(publicKey))).toMatchObject({ genesisStake: stake, blocks: 0n, commits: 0 })
  const [version] = await index.versions('tiny', 10)
  expect(version).toMatchObject({ version: 0, height: 0 })
  await index.stop()
  await other.close()
})

it('counts what was earned within the last hour, the same after a start from the disk', async () => {
  const other = new TestNetwork()
  const node = await other.node(0)
  const index = indexOf(node)
  await index.start()
  await eventually('rewards', () => index.earnedLastHour > 3_000_000n)
  await index.stop()
  const again = indexOf(node)
  await again.start()
  await again.stop()
  const events = await eventsUpTo(node, again.height)
  const [stake] = other.founding.genesis.validators.map(validator => validator.stake)
  const fees = events.reduce((sum, event) => sum + (event.type === 'fee' ? event.amount : 0n), 0n)
  expect(again.earnedLastHour).toBe(sumOf(events, node.address) - stake! + fees)
  await other.close()
})
