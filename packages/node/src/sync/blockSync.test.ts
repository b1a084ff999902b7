import { commitCodec } from '@hydraai/consensus'
import { decode, encode } from '@hydraai/core'
import { blockCodec } from '@hydraai/ledger'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Chain } from '../chain/chain.ts'
import { buildLongChain, type LongChain } from '../testing/longChain.ts'
import { type BlockEntry, blocksRequestCodec } from './protocols.ts'
import { response, SyncWorld } from './testing/syncWorld.ts'

const BLOCKS = 200
let long: LongChain
let other: LongChain
let world: SyncWorld
let full: Chain
let height: number

beforeAll(async () => {
  long = buildLongChain({ blocks: BLOCKS, validators: 1, transactions: 1, accounts: 2 })
  other = buildLongChain({ blocks: BLOCKS, validators: 2, transactions: 0 })
  height = long.blocks.length
  // It only serves, so one is enough for all tests.
  full = await new SyncWorld(long).chain(height)
})

beforeEach(() => {
  world = new SyncWorld(long)
})

const asked = (request: Uint8Array) => decode(blocksRequestCodec, request)

/** Answers as an honest peer does, but for what `change` makes of it. */
function changed(change: (entries: BlockEntry[], from: number) => BlockEntry[]) {
  return async (request: Uint8Array) => {
    const { from, count } = asked(request)
    return response(change(world.entries(from, count), from))
  }
}

describe('blocks from several peers', () => {
  test('come from all of them at once, and lead to the same tip', async () => {
    const peers = await Promise.all(
      ['a', 'b', 'c'].map(id =>
        world.peer(
          id,
          { height },
          changed(entries => entries),
        ),
      ),
    )
    const { chain } = await world.node('new', await world.chain(0))
    await world.until(() => chain.height === height, 20_000)
    expect(chain.tip.hash).toBe(full.tip.hash)
    for (const { asked } of peers) expect(asked()).toBeGreaterThan(0)
    expect(peers.reduce((sum, { asked }) => sum + asked(), 0)).toBeLessThanOrEqual(Math.ceil(height / 50) + 1)
  })

  test('go on where the node stood, and follow what comes after', async () => {
    const half = await world.chain(Math.floor(height / 2))
    const server = await world.chain(height - 10)
    await world.node('a', server)
    const { chain } = await world.node('new', half)
    await world.until(() => chain.height === height - 10, 10_000)
    await server.appendAll(long.blocks.slice(height - 10))
    await world.until(() => chain.height === height, 10_000)
    expect(chain.tip.hash).toBe(full.tip.hash)
  })

  test('a peer that holds only late blocks gives those, the others the early ones', async () => {
    const early = await world.peer(
      'early',
      { height: 140 },
      changed(entries => entries),
    )
    const late = await world.peer('late', { height, lowest: 101 }, async request => {
      expect(asked(request).from).toBeGreaterThanOrEqual(101)
      return changed(entries => entries)(request)
    })
    const { chain } = await world.node('new', await world.chain(0))
    await world.until(() => chain.height === height, 20_000)
    expect(chain.height).toBe(height)
    expect([early.asked() > 0, late.asked() > 0]).toEqual([true, true])
  })
})

const remade = (entry: BlockEntry, change: (block: ReturnType<typeof blockOf>) => unknown): BlockEntry => ({
  ...entry,
  block: encode(blockCodec, change(blockOf(entry)) as never),
})
const blockOf = (entry: BlockEntry) => decode(blockCodec, entry.block)

describe('a lying peer is left alone, and the sync goes on', () => {
  const lies: [string, (entries: BlockEntry[], from: number) => BlockEntry[]][] = [
    [
      'a block with another time',
      entries => [
        ...entries.slice(0, 7),
        ...entries
          .slice(7)
          .map(entry => remade(entry, b => ({ ...b, header: { ...b.header, time: b.header.time + 1 } }))),
      ],
    ],
    [
      'a block without its transactions',
      entries => entries.map((entry, i) => (i === 9 ? remade(entry, b => ({ ...b, transactions: [] })) : entry)),
    ],
    [
      'the commit of another block',
      entries => entries.map((entry, i) => ({ ...entry, commit: entries[(i + 1) % entries.length]!.commit })),
    ],
    [
      'a commit with a wrong signature',
      entries =>
        entries.map(entry => {
          const commit = decode(commitCodec, entry.commit)
          const [first] = commit.precommits
          const signature = first!.signature.replace(/^../, pair => (pair === '00' ? '01' : '00')) as never
          return { ...entry, commit: encode(commitCodec, { ...commit, precommits: [{ ...first!, signature }] }) }
        }),
    ],
    [
      'a commit of nobody',
      entries =>
        entries.map(entry => ({
          ...entry,
          commit: encode(commitCodec, { ...decode(commitCodec, entry.commit), precommits: [] }),
        })),
    ],
    ['blocks of other heights', (_, from) => world.entries(Math.max(1, from - 3), 20)],
    ['the blocks in another order', entries => entries.toReversed()],
    ['nothing', () => []],
    ['nonsense in place of blocks', entries => entries.map(entry => ({ ...entry, block: Uint8Array.of(1, 2, 3) }))],
    [
      'the blocks of another network',
      (entries, from) =>
        entries.map((entry, i) => {
          const foreign = other.blocks[from + i - 1]
          return foreign
            ? { block: encode(blockCodec, foreign.block), commit: encode(commitCodec, foreign.commit) }
            : entry
        }),
    ],
  ]
  test.each(lies)('%s', async (_, lie) => {
    const liar = await world.peer('liar', { height: height + 1_000 }, changed(lie))
    const { chain, scores } = await world.node('new', await world.chain(0))
    await world.clock.advance(1_000)
    await world.node('honest', full)
    await world.until(() => chain.height === height, 40_000)
    expect(chain.tip.hash).toBe(full.tip.hash)
    const before = liar.asked()
    expect(before).toBeGreaterThan(0)
    expect(scores.isUsable('liar')).toBe(false)
    await world.clock.advance(10_000)
    expect(liar.asked() - before).toBeLessThanOrEqual(1)
  })

  test('nonsense in place of an answer', async () => {
    const liar = await world.peer('liar', { height }, async () => new Uint8Array(5_000).fill(7))
    await world.node('honest', full)
    const { chain, scores } = await world.node('new', await world.chain(0))
    await world.until(() => chain.height === height, 20_000)
    expect(chain.height).toBe(height)
    expect([liar.asked() > 0, scores.isUsable('liar')]).toEqual([true, false])
  })

  test('an answer cut short is used as far as it goes', async () => {
    const short = await world.peer(
      'short',
      { height },
      changed(entries => entries.slice(0, 13)),
    )
    const { chain } = await world.node('new', await world.chain(0))
    await world.until(() => chain.height === height, 20_000)
    expect(chain.height).toBe(height)
    expect(short.asked()).toBeGreaterThanOrEqual(height / 13)
  })

  test('with a majority of liars there is still progress', async () => {
    for (const id of ['l1', 'l2', 'l3', 'l4', 'l5'])
      await world.peer(
        id,
        { height: 1_000_000 },
        changed(entries => entries.toReversed()),
      )
    await world.node('honest', full)
    const { chain } = await world.node('new', await world.chain(0))
    await world.until(() => chain.height === height, 60_000)
    expect(chain.tip.hash).toBe(full.tip.hash)
  })
})

describe('a slow peer', () => {
  const slowly = (ms: number) => async (request: Uint8Array) => {
    await new Promise<void>(resolve => world.clock.after(ms, resolve))
    return changed(entries => entries)(request)
  }

  test('does not hold up the others: what it owes is fetched elsewhere, and it rests', async () => {
    const slow = await world.peer('slow', { height }, slowly(9_000))
    await world.node('quick', full)
    const { chain } = await world.node('new', await world.chain(0))
    const took = await world.until(() => chain.height === height, 60_000)
    expect(chain.height).toBe(height)
    expect(slow.asked()).toBeGreaterThan(0)
    expect(took).toBeLessThan(8_000)
  })

  test('that is the only one is waited for', async () => {
    await world.peer('slow', { height }, slowly(6_000))
    const { chain } = await world.node('new', await world.chain(0))
    await world.until(() => chain.height === height, 60_000)
    expect(chain.height).toBe(height)
  })

  test('that never answers is given up', async () => {
    await world.peer('silent', { height }, () => new Promise(() => {}))
    const { chain } = await world.node('new', await world.chain(0))
    await world.clock.advance(1_000)
    await world.node('quick', full)
    const took = await world.until(() => chain.height === height, 60_000)
    expect(chain.height).toBe(height)
    expect(took).toBeLessThan(15_000)
  })

  test('that vanishes midway is replaced', async () => {
    const server = await world.node('first', full)
    const { chain } = await world.node('new', await world.chain(0))
    await world.until(() => chain.height > 0, 20_000)
    await server.network.stop()
    await world.clock.advance(3_000)
    const reached = chain.height
    expect(reached).toBeLessThan(height)
    await world.node('second', full)
    await world.until(() => chain.height === height, 60_000)
    expect(chain.tip.hash).toBe(full.tip.hash)
  })
})
