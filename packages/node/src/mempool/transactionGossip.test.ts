import { CounterRandom, encode, type KeyPair, keyPairFromSeed, sha256, utf8, ZERO_HASH } from '@hydraai/core'
import { accountOf, genesisState, type LedgerState, signedTransactionCodec, signTransaction } from '@hydraai/ledger'
import { SimulatedSwitch } from '@hydraai/network'
import { describe, expect, test } from 'vitest'
import { HandClock, settled, TestCommittee } from '../consensus/testing/committee.ts'
import { silentLogger } from '../ports.ts'
import { batchCodec, batchesOf, MAX_BATCH_BYTES } from './batch.ts'
import { Mempool } from './mempool.ts'
import { TransactionGossip } from './transactionGossip.ts'

const { genesis, keys: founders } = new TestCommittee()
const keys: KeyPair[] = Array.from({ length: 40 }, (_, i) => keyPairFromSeed(sha256(utf8(`sender ${i}`))))

/** The senders have money; block 1 is there. */
function state(): LedgerState {
  const base = genesisState(genesis)
  const accounts = new Map(base.accounts)
  for (const { address, publicKey } of keys)
    accounts.set(address, { ...accountOf(base, address), publicKey, balance: 10_000_000n })
  return { ...base, height: 1, accounts, history: [ZERO_HASH] }
}

function transaction(sender: number, nonce = 0, amount = 1n): Uint8Array {
  const action = { type: 'transfer' as const, to: founders[0]!.address, amount, memo: '' }
  return encode(signedTransactionCodec, signTransaction(keys[sender]!, { chainId: genesis.chainId, nonce, action }))
}

const forged = () => {
  const bytes = transaction(39).slice()
  // Inside the signature, which ends the encoding or stands before a short field.
  const at = bytes.length - 20
  bytes[at]! ^= 1
  return bytes
}

/** Nodes on one simulated wire, all connected. */
async function world(count: number) {
  const clock = new HandClock()
  const wires = new SimulatedSwitch({ clock, random: new CounterRandom(ZERO_HASH) })
  const nodes = []
  for (let i = 0; i < count; i++) {
    const network = wires.network(`node${i}`)
    const mempool = new Mempool(state())
    const gossip = new TransactionGossip({ network, mempool, clock, logger: silentLogger })
    gossip.serve()
    await network.start()
    nodes.push({ network, mempool, gossip })
  }
  await clock.advance(2_000)
  await settled()
  return { clock, nodes }
}

describe('transactions travel', () => {
  test('at once when nothing was sent lately, together when they follow closely, and never again', async () => {
    const { clock, nodes } = await world(3)
    const [a, ...others] = nodes
    const sent = () => a!.network.counters().topics['transactions/1']?.published ?? 0
    a!.mempool.add(transaction(0))
    expect(sent()).toBe(1)
    for (let i = 1; i <= 30; i++) a!.mempool.add(transaction(i))
    expect(sent()).toBe(1)
    await clock.advance(1_000)
    expect(sent()).toBe(2)
    for (const { mempool, network } of others) {
      expect(mempool.size).toBe(31)
      expect(network.counters().topics['transactions/1']!.published).toBe(0)
    }
    a!.mempool.add(transaction(31))
    expect(sent()).toBe(3)
  })

  test('what gossip lost is pulled, and whoever has all gets nothing', async () => {
    const { clock, nodes } = await world(2)
    const [a, b] = nodes as [(typeof nodes)[0], (typeof nodes)[0]]
    for (let i = 0; i < 5; i++) a.mempool.take(transaction(i), { relayed: true })
    const pulled = b.gossip.pull('node0')
    await clock.advance(1_000)
    await pulled
    expect(b.mempool.size).toBe(5)
    const before = b.network.counters().protocols['transactions/1']!.bytesReceived
    const again = b.gossip.pull('node0')
    await clock.advance(1_000)
    await again
    expect(b.network.counters().protocols['transactions/1']!.bytesReceived - before).toBeLessThan(5)
  })
})

describe('a batch of a stranger', () => {
  const batch = (...transactions: Uint8Array[]) => encode(batchCodec, transactions)

  async function one() {
    const { clock, nodes } = await world(1)
    const { gossip, mempool, network } = nodes[0]!
    const told = () => network.counters().topics['transactions/1']?.published ?? 0
    return { gossip, mempool, told, clock }
  }

  test('goes on when most of it is good and new', async () => {
    const { gossip, mempool, told } = await one()
    expect(gossip.onBatch(batch(transaction(0), transaction(1)))).toBe('accept')
    expect([mempool.size, told()]).toEqual([2, 0])
  })

  test('with a forged transaction is rejected, and what was good in it is taken and told on', async () => {
    const { gossip, mempool, told } = await one()
    expect(gossip.onBatch(batch(transaction(0), forged(), transaction(1)))).toBe('reject')
    expect(mempool.size).toBe(2)
    expect(told()).toBe(1)
  })

  test('made of what is known goes no further, however it is put together', async () => {
    const { gossip, told, clock } = await one()
    const known = [0, 1, 2, 3].map(i => transaction(i))
    gossip.onBatch(batch(...known))
    expect(gossip.onBatch(batch(...known.toReversed()))).toBe('ignore')
    expect(gossip.onBatch(batch(...known, transaction(4)))).toBe('ignore')
    await clock.advance(100)
    expect(told()).toBe(1)
  })

  test('that is used up, taken or early says nothing against who sent it', async () => {
    const { gossip, mempool } = await one()
    mempool.add(transaction(0))
    expect(gossip.onBatch(batch(transaction(0, 0, 2n)))).toBe('ignore')
    expect(gossip.onBatch(batch(transaction(1, 70)))).toBe('accept')
    expect(gossip.onBatch(batch(transaction(1, 70)))).toBe('ignore')
  })

  test.each([
    ['garbage', new Uint8Array(100).fill(7)],
    ['a transaction that is none', encode(batchCodec, [new Uint8Array(50)])],
  ])('%s is rejected', async (_, data) => {
    expect((await one()).gossip.onBatch(data)).toBe('reject')
  })
})

test('batches hold every transaction once, in order, and none is too long', () => {
  const all = Array.from({ length: 3_000 }, (_, i) => new Uint8Array(1 + ((i * 7919) % 2_048)).fill(i))
  all.push(new Uint8Array(32_768), new Uint8Array(32_768), new Uint8Array(32_768))
  const batches = batchesOf(all)
  const sent = batches.flat()
  expect(sent).toHaveLength(all.length)
  expect(sent.every((one, i) => one === all[i])).toBe(true)
  for (const batch of batches) expect(encode(batchCodec, batch).length).toBeLessThanOrEqual(MAX_BATCH_BYTES)
})
