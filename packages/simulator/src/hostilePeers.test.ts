import {
  type Address,
  address,
  commitmentOf,
  encode,
  hash,
  list,
  struct,
  taggedHash,
  text,
  uint,
  utf8,
  ZERO_HASH,
} from '@hydraai/core'
import { ENGINE_SHA256 } from '@hydraai/engine'
import { genesisHash, signedTransactionCodec, signTransaction } from '@hydraai/ledger'
import { type HydraNode, type TamperedUnit, transactionBatchCodec } from '@hydraai/node'
import { describe, expect, test } from 'vitest'
import { engineWasm } from './engineWasm.ts'
import { World } from './world.ts'

const statusCodec = struct({
  chainId: text({ maxBytes: 64 }),
  genesis: hash,
  engine: hash,
  height: uint,
  hash,
  lowest: uint,
  name: text({ maxBytes: 32 }),
  address,
  activity: text({ maxBytes: 16 }),
  serves: list(text({ maxBytes: 32 }), { max: 64 }),
})

/** A peer that says it has block `height` and answers requests for blocks with `blocks`. */
async function join(
  world: World,
  id: string,
  claims: { height: number; genesis?: typeof ZERO_HASH; blocks?: Uint8Array },
) {
  const { genesis } = world.founding
  const network = world.wires.network(id)
  let asked = 0
  const status = encode(statusCodec, {
    chainId: genesis.chainId,
    genesis: claims.genesis ?? genesisHash(genesis),
    engine: ENGINE_SHA256,
    height: claims.height,
    hash: ZERO_HASH,
    lowest: 1,
    name: id,
    address: world.machines[0]!.keys().address satisfies Address,
    activity: 'synced',
    serves: [],
  })
  network.handle('status/1', { maxRequestBytes: 1_024, maxResponseBytes: 1_024 }, async () => status)
  network.handle('blocks/1', { maxRequestBytes: 256, maxResponseBytes: 4 * 1024 * 1024 }, async () => {
    asked++
    return claims.blocks ?? Uint8Array.of(0x80)
  })
  await network.start()
  return { asked: () => asked, network, status }
}

async function running(seed: number, newcomers = 0): Promise<{ world: World; nodes: HydraNode[] }> {
  const world = await World.create({ seed, nodes: 4, newcomers, wasm: engineWasm })
  const nodes: HydraNode[] = []
  for (const machine of world.machines.slice(0, 4)) nodes.push(await world.boot(machine))
  return { world, nodes }
}

describe('peers that claim blocks they do not have', () => {
  test('neither keep anybody from training nor show anybody as syncing, nor are they asked again and again', async () => {
    const { world, nodes } = await running(51)
    const liars = [
      await join(world, 'empty', { height: 1_000_000_000 }),
      await join(world, 'garbage', { height: 1_000_000_000, blocks: new Uint8Array(100).fill(7) }),
    ]
    let [looks, syncing] = [0, 0]
    for (let second = 0; second < 60; second++) {
      await world.run(1_000)
      looks += nodes.length
      syncing += nodes.filter(node => !node.synced).length
    }
    world.assertSafe()
    expect(nodes[0]!.state.models.get('tiny')!.version).toBeGreaterThan(2)
    expect(syncing / looks).toBeLessThan(0.1)
    for (const { asked } of liars) expect(asked()).toBeLessThan(20 * nodes.length)
  }, 60_000)

  test('do not keep a newcomer from the blocks of the others', async () => {
    const { world } = await running(52, 1)
    await world.run(20_000)
    await join(world, 'empty', { height: 1_000_000_000 })
    await join(world, 'garbage', { height: 1_000_000_000, blocks: new Uint8Array(100).fill(7) })
    const node = await world.boot(world.machines[4]!)
    await world.run(20_000)
    world.assertSafe()
    expect(node.chain.height).toBeGreaterThan(world.checker.highest - 3)
    expect(node.synced).toBe(true)
  }, 60_000)
})

describe('a stranger', () => {
  test('is told of once, however often it introduces itself, and never used', async () => {
    const { world, nodes } = await running(53)
    const { network, status } = await join(world, 'stranger', { height: 1_000_000_000, genesis: ZERO_HASH })
    await world.run(1_000)
    for (let i = 0; i < 50; i++)
      network.request('node0', 'status/1', status, { timeoutMs: 1_000, maxResponseBytes: 1_024 }).catch(() => {})
    await world.run(5_000)
    const lines = nodes[0]!.journal.recent(500).filter(({ text }) => text.includes('is not used'))
    expect(lines).toHaveLength(1)
    expect(nodes[0]!.peers.get('stranger')).toBeUndefined()
  }, 60_000)
})

describe('a transaction with a forged signature', () => {
  test('goes no further, even where its nonce is taken: whoever passed it on would be blamed for it', async () => {
    const { world, nodes } = await running(55)
    const { network } = await join(world, 'forger', { height: 0 })
    const { chainId } = world.founding.genesis
    await world.run(10_000) // its sender has been paid for blocks by then
    const keys = world.machines[0]!.keys()
    const to = world.machines[1]!.keys().address
    const waiting = signTransaction(keys, {
      chainId,
      nonce: 60,
      action: { type: 'transfer', to, amount: 1n, memo: '' },
    })
    nodes[0]!.mempool.addTransaction(waiting)
    await world.run(500)
    const outcomes = () => nodes.map(({ ports }) => ({ ...ports.network.counters().topics['transactions/1']! }))
    const before = outcomes()
    const forged = { ...waiting, action: { type: 'transfer' as const, to, amount: 2n, memo: '' } }
    await network.publish('transactions/1', encode(transactionBatchCodec, [encode(signedTransactionCodec, forged)]))
    await world.run(25)
    outcomes().forEach(({ ignored, rejected }, i) => {
      expect(ignored + rejected).toBe(before[i]!.ignored + before[i]!.rejected + 1)
    })
  }, 60_000)
})

describe('a payload that nobody serves', () => {
  test('and a peer that lets everybody wait for it: the units of the others are checked all the same', async () => {
    const CHEAT = 3
    const world = await World.create({
      seed: 54,
      nodes: 4,
      wasm: engineWasm,
      tamper: index => (index === CHEAT ? { unit: async unit => ({ ...unit, ...withheld(unit) }) } : undefined),
    })
    const { network } = await join(world, 'staller', { height: 0 })
    network.handle(
      'content/1',
      { maxRequestBytes: 36, maxResponseBytes: 1_048_576 + 4_096 },
      () => new Promise(() => {}),
    )
    for (const machine of world.machines) await world.boot(machine)
    const { node } = world.machines[0]!
    const cheat = world.machines[CHEAT]!.node!.address
    const honest: string[] = []
    node!.chain.committed.add(({ events }) => {
      for (const event of events) if (event.type === 'update' && event.trainer !== cheat) honest.push(event.outcome)
    })
    await world.run(60_000)
    world.assertSafe()
    expect(honest.filter(outcome => outcome === 'accepted').length).toBeGreaterThan(0.9 * honest.length)
    expect(node!.state.models.get('tiny')!.version).toBeGreaterThan(1)
  }, 60_000)
})

/** The hash of bytes that exist nowhere, committed to as the rules want. */
function withheld({ trainer, traceRoot, residual, commitment }: TamperedUnit) {
  const payload = taggedHash('withheld', utf8(commitment))
  return { payload, commitment: commitmentOf({ trainer, payload, traceRoot, residual }) }
}
