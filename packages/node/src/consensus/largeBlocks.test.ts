import { decode, encode, type Hash, type KeyPair, taggedHash, utf8 } from '@hydraai/core'
import { blockCodec, type SignedTransaction } from '@hydraai/ledger'
import { SimulatedDisk } from '@hydraai/storage'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Candidate } from './blocks.ts'
import { type ConsensusMessage, consensusMessageCodec, MAX_MESSAGE_BYTES } from './messages.ts'
import { PART_BYTES, PartedBlock } from './parts.ts'
import { HandClock, START, settled, TestCommittee } from './testing/committee.ts'

const committee = new TestCommittee()
let order: [KeyPair, KeyPair, KeyPair, KeyPair]
let transactions: SignedTransaction[]
let block: Candidate

beforeAll(async () => {
  const of = (round: number) => committee.proposer(round)
  order = [await of(0), await of(1), await of(2), await of(3)]
  transactions = committee.registrations(420)
  block = await committee.block(order[0], START, transactions)
})

const indexOf = (keys: KeyPair) => committee.keys.indexOf(keys)
const read = (data: Uint8Array): ConsensusMessage => decode(consensusMessageCodec, data)

/** A host of who proposes in round 1, begun, and what it has published. */
async function voter(disk?: SimulatedDisk) {
  const clock = new HandClock()
  const published: Uint8Array[] = []
  const options = { clock, publish: (data: Uint8Array) => published.push(data), ...(disk && { disk }) }
  const made = await committee.host(indexOf(order[1]), options)
  await made.host.start()
  await clock.advance(0)
  await settled()
  const prevotes = () =>
    published.map(read).flatMap(one => (one.type === 'vote' && one.vote.type === 'prevote' ? [one.vote.valueId] : []))
  return { ...made, clock, published, prevotes }
}

test('a block that is proposed again in round after round stands in the log once', async () => {
  const { host, disk, clock } = await voter()
  for (const part of committee.inParts(order[0], 0, block).parts) host.onMessage(part)
  await settled()
  for (const keys of [order[0], order[2]]) host.onMessage(committee.vote(keys, 'prevote', 0, block.hash))
  await settled()
  for (let round = 0; round < 6; round++) {
    for (const keys of [order[2], order[3]]) host.onMessage(committee.vote(keys, 'precommit', round, null))
    await clock.advance(20_000)
  }
  expect(host.progress.round).toBeGreaterThan(4)
  const proposals = host
    .messagesOf(1)
    .map(read)
    .filter(({ type }) => type === 'announcement')
  expect(proposals.length).toBeGreaterThan(1)
  const logged = disk.logPieces('consensus').reduce((sum, piece) => sum + piece.length, 0)
  expect(logged).toBeLessThan(1.5 * block.bytes.length)
  await host.stop()
})

test('four nodes decide a block of several parts, and no message is longer than a part', async () => {
  const clock = new HandClock()
  const hosts: Awaited<ReturnType<TestCommittee['host']>>[] = []
  const sent: Uint8Array[] = []
  for (let i = 0; i < 4; i++) {
    const publish = (data: Uint8Array) => {
      sent.push(data)
      hosts.forEach((other, j) => {
        if (j !== i) expect(['accept', 'ignore']).toContain(other.host.onMessage(data))
      })
    }
    hosts.push(await committee.host(i, { clock, publish, transactions }))
  }
  for (const { host } of hosts) await host.start()
  for (let i = 0; i < 20; i++) await clock.advance(100)
  expect(hosts.map(({ chain }) => chain.height > 0)).toEqual([true, true, true, true])
  const first = await hosts[0]!.chain.blockAt(1)
  expect(first!.block.transactions).toHaveLength(420)
  expect(encode(blockCodec, first!.block).length).toBeGreaterThan(PART_BYTES)
  expect(Math.max(...sent.map(({ length }) => length))).toBeLessThan(MAX_MESSAGE_BYTES)
  expect(sent.filter(data => read(data).type === 'part').length).toBeGreaterThan(1)
  for (const { host } of hosts) await host.stop()
})

describe('a voter', () => {
  test('votes once every part is there, in whatever order; each part goes on once', async () => {
    const { host, prevotes } = await voter()
    const { parts } = committee.inParts(order[0], 0, block)
    expect(parts.length).toBeGreaterThan(1)
    for (const part of parts.toReversed()) {
      await settled()
      expect(prevotes()).toEqual([])
      expect(host.onMessage(part)).toBe('accept')
      expect(host.onMessage(part)).toBe('ignore')
    }
    await settled()
    expect(prevotes()).toEqual([block.hash])
    await host.stop()
  })

  test('told of a block alone, it knows what to ask for, and takes it from whoever has it', async () => {
    const { host, prevotes } = await voter()
    const roots: Hash[] = []
    host.incomplete.add(root => roots.push(root))
    const { announcement, parts, root } = committee.inParts(order[0], 0, block)
    expect(host.onMessage(announcement)).toBe('accept')
    expect(roots).toEqual([root])
    expect(host.missingOf(root)).toEqual(parts.map((_, index) => index))
    const parted = new PartedBlock(block.bytes)
    const wrong = { ...parted.part(0), bytes: new Uint8Array(PART_BYTES) }
    host.onParts(root, [wrong, ...parts.slice(1).map((_, i) => parted.part(i + 1))])
    expect(host.missingOf(root)).toEqual([0])
    expect(host.partsFor(root, [0, 1, 99])).toEqual([parted.part(1)])
    host.onParts(root, [parted.part(0)])
    await settled()
    expect(prevotes()).toEqual([block.hash])
    expect(host.partsFor(root, [0])).toEqual([parted.part(0)])
    await host.stop()
  })

  test('that crashed has the whole block in its log, and decides', async () => {
    const disk = new SimulatedDisk({ random: { below: () => 0 } })
    const before = await voter(disk)
    const { parts, root } = committee.inParts(order[0], 0, block)
    for (const part of parts) before.host.onMessage(part)
    await settled()
    disk.crash()
    const { host, chain, clock } = await voter(disk)
    expect(host.partsFor(root, [1])).toEqual([new PartedBlock(block.bytes).part(1)])
    expect(host.messagesOf(1).map(data => read(data).type)).toContain('announcement')
    for (const type of ['prevote', 'precommit'] as const) {
      for (const keys of [order[0], order[2]]) host.onMessage(committee.vote(keys, type, 0, block.hash))
      await settled()
    }
    await clock.advance(0)
    expect(chain.height).toBe(1)
    await host.stop()
  })
})

describe('hostile parts', () => {
  test('a part that is not of the block, or whose payload another signed, is rejected and kept by nobody', async () => {
    const { host } = await voter()
    const { parts, root } = committee.inParts(order[0], 0, block)
    const part = read(parts[1]!)
    if (part.type !== 'part') throw new Error('no part')
    const bytes = part.part.bytes.map(byte => byte ^ 1)
    expect(host.onMessage(encode(consensusMessageCodec, { ...part, part: { ...part.part, bytes } }))).toBe('reject')
    const { payload } = read(committee.inParts(order[2], 0, block).announcement) as typeof part
    expect(host.onMessage(encode(consensusMessageCodec, { ...part, payload }))).toBe('reject')
    expect(host.onMessage(committee.inParts(order[2], 0, block).parts[0]!)).toBe('reject')
    expect(host.missingOf(root)).toHaveLength(parts.length)
    await host.stop()
  })

  test('a root that leads to something else than the block that was proposed costs its proposer the round', async () => {
    const { host, prevotes, clock } = await voter()
    const bytes = block.bytes.map((byte, i) => (i === 70_000 ? byte ^ 1 : byte))
    for (const part of committee.inParts(order[0], 0, { hash: block.hash, bytes }).parts) host.onMessage(part)
    await settled()
    expect(prevotes()).toEqual([])
    await clock.advance(2_000)
    expect(prevotes()).toEqual([null])
    expect(host.progress.halted).toBe(false)
    await host.stop()
  })

  test('blocks begun for rounds to come take no room from that of the present round', async () => {
    const { host, prevotes } = await voter()
    const flooder = order[3]
    const begun: Hash[] = []
    host.incomplete.add(root => begun.push(root))
    for (let turn = 0; turn < 8; turn++)
      for (let i = 0; i < 3; i++) {
        const root = taggedHash('root', utf8(`${turn} ${i}`))
        host.onMessage(committee.inParts(flooder, 3 + 4 * turn, block, { root, bytes: 1_000_000 }).announcement)
      }
    // Two of each round, and of late rounds none: their honest blocks are small.
    expect(begun).toHaveLength(4)
    for (const proposer of [order[1], order[2]])
      for (const round of [1, 2, 5, 6])
        for (const i of [0, 1]) {
          const root = taggedHash('root', utf8(`nearer ${round} ${i}`))
          if (proposer === (await committee.proposer(round)))
            host.onMessage(committee.inParts(proposer, round, block, { root, bytes: 1_000_000 }).announcement)
        }
    expect(begun.length).toBeGreaterThan(8)
    expect(begun.filter(root => host.missingOf(root).length > 0)).toHaveLength(8)
    for (const part of committee.inParts(order[0], 0, block).parts) expect(host.onMessage(part)).toBe('accept')
    await settled()
    expect(prevotes()).toEqual([block.hash])
    await host.stop()
  })
})
