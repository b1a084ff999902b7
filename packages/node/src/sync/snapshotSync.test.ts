import { committeeHash, makeCommit, makeCommittee, voteSignBytes } from '@hydraai/consensus'
import { contentIdOf, decode, encode, HydraError, keyPairFromSeed, sha256, utf8, ZERO_HASH } from '@hydraai/core'
import { blockHash, conflictOf, decodeState, encodeState, eventsCodec, type LightBlock } from '@hydraai/ledger'
import { memoryStorage, SimulatedDisk, type Storage } from '@hydraai/storage'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Chain } from '../chain/chain.ts'
import { lightBlockAt } from '../chain/lightBlocks.ts'
import type { Snapshot } from '../chain/snapshots.ts'
import { buildLongChain, type LongChain } from '../testing/longChain.ts'
import { lightResponseCodec, snapshotsRequestCodec, snapshotsResponseCodec } from './protocols.ts'
import { SyncWorld } from './testing/syncWorld.ts'

const EVERY = 50
const BLOCK_MS = 10_000
let long: LongChain
let full: Chain
let height: number
/** The newest height of which there is a snapshot. */
let newest: number
let world: SyncWorld

beforeAll(async () => {
  long = buildLongChain({ blocks: 170, validators: 4, transactions: 1, accounts: 2 })
  height = long.blocks.length
  newest = height - (height % EVERY)
  full = await new SyncWorld(long).chain(height)
})

beforeEach(async () => {
  world = new SyncWorld(long)
  // The last block was just decided: what lies ahead of the clock is not believed.
  await world.clock.advance(height * BLOCK_MS)
})

/** The state after a block, as an honest node would have taken it. */
const states = new Map<number, Uint8Array>()
async function stateAt(at: number): Promise<Uint8Array> {
  const known = states.get(at)
  if (known) return known
  const bytes = encodeState((await new SyncWorld(long).chain(at)).state)
  states.set(at, bytes)
  return bytes
}

/** A node with all blocks and the snapshots of the two newest heights that are due. */
async function server(id: string) {
  const node = await world.node(id, full)
  for (const at of [newest - EVERY, newest]) {
    const bytes = await stateAt(at)
    const held = { height: at, hash: (await full.hashAt(at))!, id: await node.library.put(bytes), bytes: bytes.length }
    await node.snapshots.keep(held)
  }
  return node
}

const newcomer = async (options: Parameters<SyncWorld['node']>[2] = { mode: 'snapshot' }) =>
  world.node('new', await world.chain(0), options)

describe('a snapshot', () => {
  test('is taken in place of the blocks before it, those after it follow, and the state is the same', async () => {
    await server('a')
    const { chain } = await newcomer()
    const heights: number[] = []
    chain.committed.add(({ block }) => heights.push(block.header.height))
    await world.until(() => chain.height === height, 30_000)
    expect(chain.tip.hash).toBe(full.tip.hash)
    expect(encodeState(chain.state)).toEqual(encodeState(full.state))
    expect(chain.lowest).toBe(newest)
    expect(heights[0]).toBe(newest + 1)
    expect(await chain.blockAt(newest)).toEqual(await full.blockAt(newest))
    expect(await chain.blockAt(newest - 1)).toBeUndefined()
  })

  test('is given on by who took it, and serves light clients from there', async () => {
    const first = await server('a')
    const second = await newcomer()
    await world.until(() => second.chain.height === height, 30_000)
    await first.network.stop()
    await world.clock.advance(5_000)
    const third = await world.node('third', await world.chain(0), { mode: 'snapshot' })
    await world.until(() => third.chain.height === height, 60_000)
    expect(third.chain.tip.hash).toBe(full.tip.hash)
    expect(await lightBlockAt(third.chain, height)).toEqual(await lightBlockAt(full, height))
  })

  test('is not looked for where the distance is small, nor with the mode that wants every block', async () => {
    await server('a')
    for (const mode of ['auto', 'blocks'] as const) {
      const { chain } = await world.node(mode, await world.chain(0), { mode })
      await world.until(() => chain.height === height, 30_000)
      expect([chain.height, chain.lowest]).toEqual([height, 1])
    }
  })

  test('is taken whatever the mode but "blocks" when nobody holds the first blocks any more', async () => {
    const pruned = await world.chain(height)
    for (;;) if ((await pruned.prune(newest, 50)) === 0) break
    const node = await world.node('a', pruned)
    await node.library.put(await stateAt(newest))
    const bytes = await stateAt(newest)
    const hash = (await full.hashAt(newest))!
    await node.snapshots.keep({ height: newest, hash, id: contentIdOf(bytes), bytes: bytes.length })
    const { chain } = await newcomer({ mode: 'auto' })
    await world.until(() => chain.height === height, 30_000)
    expect([chain.height, chain.lowest]).toEqual([height, newest])
  })

  test('of a chain whose genesis is too old to be believed needs a block that the owner trusts', async () => {
    await world.clock.advance(60_480 * BLOCK_MS)
    await server('a')
    const blind = await newcomer({ mode: 'blocks' })
    await world.until(() => blind.peers.all().length > 0, 5_000)
    let outcome: unknown = null
    blind.light.believe(newest).catch(error => (outcome = error.code))
    await world.until(() => outcome !== null, 10_000)
    expect(outcome).toBe('LIGHT_TRUST_EXPIRED')

    world = new SyncWorld(long)
    const span = Math.floor((60_480 * 2) / 3) * BLOCK_MS
    await world.clock.advance(span + 60 * BLOCK_MS)
    await server('a')
    const trust = { height: 100, hash: (await full.hashAt(100))! }
    const told = await newcomer({ mode: 'snapshot', trust })
    await world.until(() => told.chain.height === height, 30_000)
    expect([told.chain.tip.hash, told.chain.lowest]).toEqual([full.tip.hash, newest])
  })

  test('is refused when the block to trust is not on the chain that is offered', async () => {
    await server('a')
    const trust = { height: 20, hash: ZERO_HASH }
    const { chain } = await newcomer({ mode: 'blocks', trust })
    await world.clock.advance(20_000)
    expect(chain.height).toBeLessThan(20)
  })
})

interface Lies {
  offers?: (honest: Snapshot) => Snapshot[]
  light?: (block: LightBlock) => LightBlock | null
  content?: (bytes: Uint8Array) => Uint8Array
  block?: (answer: { block: Uint8Array; events: Uint8Array }) => { block: Uint8Array; events: Uint8Array } | null
  chunk?: (chunk: Uint8Array) => Uint8Array
}

/** A peer that lies about one thing and is honest about everything else. */
async function liar(id: string, lies: Lies) {
  const state = await stateAt(newest)
  const content = lies.content?.(state) ?? state
  const node = await world.node(id, full, {
    lies: {
      'light/1': async (_, honest) => {
        const block = decode(lightResponseCodec, honest)
        return encode(lightResponseCodec, block && lies.light ? lies.light(block) : block)
      },
      'snapshots/1': async (request, honest) => {
        const { offers, block } = decode(snapshotsResponseCodec, honest)
        return encode(snapshotsResponseCodec, {
          offers: lies.offers && decode(snapshotsRequestCodec, request) === null ? lies.offers(offers[0]!) : offers,
          block: block && lies.block ? lies.block(block) : block,
        })
      },
      'content/1': async (_, honest) => lies.chunk?.(honest) ?? honest,
    },
  })
  const hash = (await full.hashAt(newest))!
  await node.snapshots.keep({ height: newest, hash, id: await node.library.put(content), bytes: content.length })
  return node
}

const flipped = (bytes: Uint8Array) => bytes.map((byte, i) => (i === bytes.length >> 1 ? byte ^ 1 : byte))

/** The state with one entry changed that still decodes: somebody is richer. */
function richer(bytes: Uint8Array): Uint8Array {
  const state = decodeState(bytes)
  const accounts = new Map(state.accounts)
  const [address, account] = [...accounts][0]!
  accounts.set(address, { ...account, balance: account.balance + 1_000_000n })
  return encodeState({ ...state, accounts })
}

/** The block decided by a committee of the liar's own. */
function ownCommittee({ header, nextCommittee }: LightBlock): LightBlock {
  const keys = keyPairFromSeed(sha256(utf8('a liar')))
  const committee = makeCommittee([{ address: keys.address, publicKey: keys.publicKey, power: 1_000 }])
  const forged = { ...header, committee: committeeHash(committee) }
  const valueId = blockHash(forged)
  const vote = { type: 'precommit' as const, height: header.height, round: 0, valueId, validator: keys.address }
  const signature = keys.sign(voteSignBytes(header.chainId, vote))
  const commit = makeCommit(header.height, 0, valueId, [{ ...vote, signature }])
  return { header: forged, commit, committee, nextCommittee }
}

describe('a peer that lies is left alone, and the snapshot comes from another', () => {
  const all: [string, Lies][] = [
    ['a wrong entry in the state', { content: richer }],
    ['a flipped bit in the state', { content: flipped }],
    ['the state of another block', { content: () => states.get(newest - EVERY)! }],
    ['nonsense as the state', { content: () => new Uint8Array(5_000).fill(7) }],
    ['altered chunks', { chunk: flipped }],
    ['a height that does not exist', { offers: offer => [{ ...offer, height: 1_000_000 }] }],
    ['another hash for the height', { offers: offer => [{ ...offer, hash: ZERO_HASH }] }],
    ['a size that is not its own', { offers: offer => [{ ...offer, bytes: 10 }] }],
    ['content that nobody has', { offers: offer => [{ ...offer, id: ZERO_HASH }] }],
    ['a header of a committee of its own', { light: ownCommittee }],
    ['the header of another state', { light: one => ({ ...one, header: { ...one.header, state: ZERO_HASH } }) }],
    ['a light block without signatures', { light: one => ({ ...one, commit: { ...one.commit, precommits: [] } }) }],
    ['no light block', { light: () => null }],
    ['no block for its snapshot', { block: () => null }],
    ['a block with other events', { block: answer => ({ ...answer, events: encode(eventsCodec, []) }) }],
    ['nonsense as the block', { block: answer => ({ ...answer, block: Uint8Array.of(1) }) }],
  ]
  test.each(all)('%s', async (_, lies) => {
    await stateAt(newest - EVERY)
    await liar('liar 1', lies)
    await liar('liar 2', lies)
    const { chain } = await newcomer()
    await world.clock.advance(3_000)
    await server('honest')
    await world.until(() => chain.height === height, 150_000)
    expect(chain.tip.hash).toBe(full.tip.hash)
    expect(encodeState(chain.state)).toEqual(encodeState(full.state))
  })

  test('and with nobody honest there is no snapshot at all, but the blocks, which need no belief', async () => {
    await liar('liar 1', { content: richer })
    await liar('liar 2', { content: flipped })
    const { chain } = await newcomer()
    await world.until(() => chain.height === height, 150_000)
    expect([chain.tip.hash, chain.lowest]).toEqual([full.tip.hash, 1])
  })
})

describe('a fork', () => {
  test('two decided blocks of one height: nothing is taken, and who signed both is named', async () => {
    const forge = (one: LightBlock): LightBlock => {
      const header = { ...one.header, time: one.header.time + 1 }
      const valueId = blockHash(header)
      const precommits = one.committee.validators.map(({ address: validator }) => {
        const vote = { type: 'precommit' as const, height: header.height, round: 0, valueId, validator }
        const keys = long.validators.find(({ address }) => address === validator)!
        return { ...vote, signature: keys.sign(voteSignBytes(header.chainId, vote)) }
      })
      return { ...one, header, commit: makeCommit(header.height, 0, valueId, precommits) }
    }
    await server('a')
    await liar('b', { light: forge })
    const { light, conflicts } = await newcomer({ mode: 'blocks' })
    await world.clock.advance(1_000)
    let outcome: unknown = null
    light.believe(newest).catch(error => (outcome = error.code))
    await world.until(() => outcome !== null, 10_000)
    expect(outcome).toBe('LIGHT_FORK')
    const [[one, other]] = conflicts as [[LightBlock, LightBlock]]
    expect(conflictOf(one, other)).toMatchObject({ kind: 'equivocation' })
    expect(conflictOf(one, other)!.duplicateVotes.length).toBe(4)
  })
})

describe('a crash while a snapshot is taken', () => {
  test('at any write leaves a folder that starts again and gets there', async () => {
    await server('a')
    const snapshot = await (async () => {
      const { block, commit, events } = (await full.blockAt(newest))!
      const { state } = await new SyncWorld(long).chain(newest)
      return { block, commit, events, state, hash: blockHash(block.header) }
    })()
    for (let dieAt = 1; ; dieAt++) {
      const disk = new SimulatedDisk({ random: { below: n => dieAt % n } })
      const chain = await Chain.open({ genesis: long.genesis, storage: dying(disk, dieAt) })
      const outcome = await chain.restore(snapshot).then(
        () => 'done',
        () => 'died',
      )
      disk.crash()
      const again = await Chain.open({ genesis: long.genesis, storage: memoryStorage(disk) })
      expect([0, newest]).toContain(again.height)
      if (again.height === 0) await again.restore(snapshot)
      await again.appendAll(long.blocks.slice(newest))
      expect(again.tip.hash).toBe(full.tip.hash)
      if (outcome === 'done') break
    }
  })
})

/** A storage whose `count`-th write never happens: the process is gone. */
function dying(disk: SimulatedDisk, count: number): Storage {
  const storage = memoryStorage(disk)
  let writes = 0
  const batch: Storage['db']['batch'] = async (operations, options) => {
    if (++writes === count) throw new HydraError('STORAGE_FAILED', 'the power is gone')
    return storage.db.batch(operations, options)
  }
  return { ...storage, db: { ...bound(storage.db), batch } }
}

function bound(db: Storage['db']): Storage['db'] {
  return { get: k => db.get(k), batch: (o, s) => db.batch(o, s), range: r => db.range(r), close: () => db.close() }
}
