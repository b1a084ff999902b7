import { decode, encode, type Hash, type KeyPair, taggedHash, utf8 } from '@hydraai/core'
import { blockCodec } from '@hydraai/ledger'
import { SimulatedDisk } from '@hydraai/storage'
import { beforeAll, describe, expect, test } from 'vitest'
import { consensusMessageCodec } from './messages.ts'
import { HandClock, START, settled, TestCommittee } from './testing/committee.ts'

const committee = new TestCommittee()
let order: [KeyPair, KeyPair, KeyPair, KeyPair]

beforeAll(async () => {
  const of = (round: number) => committee.proposer(round)
  order = [await of(0), await of(1), await of(2), await of(3)]
})

const indexOf = (keys: KeyPair) => committee.keys.indexOf(keys)
const value = (text: string): Hash => taggedHash('value', utf8(text))

/** What was signed, as "round step": the values it was signed for. */
function signedBy(published: Uint8Array[]): Map<string, Set<string>> {
  const said = new Map<string, Set<string>>()
  for (const data of published) {
    const message = decode(consensusMessageCodec, data)
    const signed = message.type === 'vote' ? message.vote : message.proposal
    const step = 'type' in signed ? signed.type : 'propose'
    const key = `${signed.height} ${signed.round} ${step}`
    said.set(key, (said.get(key) ?? new Set()).add(`${signed.valueId} ${signed.signature}`))
  }
  return said
}

describe('a restart', () => {
  /** Round 0 locks a block and fails, round 1 (where this validator proposes) decides it. */
  async function play(host: Awaited<ReturnType<TestCommittee['host']>>['host'], clock: HandClock): Promise<void> {
    const [first, , third, fourth] = order
    const block = await committee.block(first)
    await clock.advance(0)
    host.onMessage(committee.proposal(first, 0, block))
    await settled()
    for (const keys of [first, third]) host.onMessage(committee.vote(keys, 'prevote', 0, block.hash))
    await settled()
    for (const keys of [third, fourth]) host.onMessage(committee.vote(keys, 'precommit', 0, null))
    await clock.advance(20_000)
    for (const keys of [first, third]) host.onMessage(committee.vote(keys, 'prevote', 1, block.hash))
    await settled()
    for (const keys of [first, third]) host.onMessage(committee.vote(keys, 'precommit', 1, block.hash))
    await settled()
  }

  test('after any write at all: never two signatures for one step, and the height is decided', async () => {
    const self = indexOf(order[1])
    let total = 0
    for (let crashAt = 1; crashAt === 1 || crashAt <= total; crashAt++) {
      const published: Uint8Array[] = []
      let writes = 0
      const disk: SimulatedDisk = new SimulatedDisk({
        // Of the write under way all is there, or nothing, in turns.
        random: { below: n => (crashAt % 2 === 0 ? n - 1 : 0) },
        delay: async () => {
          if (++writes === crashAt && total > 0) disk.crash()
        },
      })
      const clock = new HandClock()
      const options = { disk, clock, publish: (data: Uint8Array) => published.push(data) }
      const before = await committee.host(self, options)
      void before.host.start()
      await play(before.host, clock)
      if (total === 0) {
        total = writes
        expect(before.chain.height).toBe(1)
        crashAt = 0
        continue
      }
      const later = new HandClock()
      let twins = 0
      const again = await committee.host(self, { ...options, clock: later, onTwin: () => twins++ })
      await again.host.start()
      // Others have kept what it said before, and send it back; it knows its own words.
      await later.advance(0)
      for (const data of [...published]) again.host.onMessage(data)
      await play(again.host, later)
      expect(again.chain.height).toBe(1)
      expect(twins).toBe(0)
      for (const [step, signatures] of signedBy(published)) expect([step, signatures.size]).toEqual([step, 1])
    }
    expect(total).toBeGreaterThan(12)
  })
})

describe('a second node with the same key', () => {
  test('makes this one silent for a while, before they sign against each other', async () => {
    const [proposer, self] = order
    const published: Uint8Array[] = []
    const clock = new HandClock()
    let twins = 0
    const options = { clock, publish: (data: Uint8Array) => published.push(data), onTwin: () => twins++ }
    const { host } = await committee.host(indexOf(self), options)
    await host.start()
    await clock.advance(0)
    host.onMessage(committee.vote(self, 'prevote', 0, null))
    host.onMessage(committee.proposal(proposer, 0, await committee.block(proposer)))
    await settled()
    expect([twins, published]).toEqual([1, []])
    await clock.advance(20_000)
    for (const keys of [proposer, order[2]]) host.onMessage(committee.vote(keys, 'prevote', 9, null))
    await clock.advance(20_000)
    for (const [step, signatures] of signedBy(published)) expect([step, signatures.size]).toEqual([step, 1])
    expect([...signedBy(published).keys()]).toContain('1 9 prevote')
    expect(signedBy(published).has('1 0 prevote')).toBe(false)
    await host.stop()
  })
})

describe('hostile messages', () => {
  test.each([
    ['in time', true],
    ['early', false],
  ])(
    'a proposal with the body exchanged on its way is refused (%s), and the true one still counts',
    async (_, inTime) => {
      const [proposer, self] = order
      const published: Uint8Array[] = []
      const clock = new HandClock()
      const { host } = await committee.host(indexOf(self), { clock, publish: data => published.push(data) })
      await host.start()
      if (inTime) await clock.advance(0)
      const candidate = await committee.block(proposer)
      const update = { type: 'model' as const, model: 'tiny', round: 1, parameters: value('p'), momentum: value('m') }
      const evaluation = { correct: 1, total: 2, lossBits: 0 }
      const exchanged = encode(blockCodec, { ...candidate.block, results: [{ ...update, evaluation }] })
      expect(host.onMessage(committee.proposal(proposer, 0, { ...candidate, bytes: exchanged }))).toBe('reject')
      expect(host.onMessage(committee.proposal(proposer, 0, candidate))).toBe('accept')
      expect(host.onMessage(committee.proposal(proposer, 0, { ...candidate, bytes: exchanged }))).not.toBe('accept')
      await clock.advance(0)
      await settled()
      expect([...signedBy(published).get('1 0 prevote')!][0]).toContain(candidate.hash)
      await host.stop()
    },
  )

  test('a validator that floods blocks and votes of later rounds neither fills the log nor stops the height', async () => {
    const [honest, self, third, flooder] = order
    const clock = new HandClock()
    const { host, chain, disk } = await committee.host(indexOf(self), { clock })
    await host.start()
    await clock.advance(0)
    const block = await committee.block(honest)
    host.onMessage(committee.proposal(honest, 0, block))
    await settled()
    for (let i = 0; i < 80; i++)
      host.onMessage(committee.proposal(flooder, 3 + 4 * i, await committee.block(flooder, START + 1 + i)))
    for (let i = 0; i < 300; i++) host.onMessage(committee.vote(flooder, 'prevote', 0, value(`vote ${i}`)))
    for (let round = 1_000; round < 1_300; round++) host.onMessage(committee.vote(flooder, 'prevote', round, null))
    await settled()
    expect(disk.logPieces('consensus').length).toBeLessThan(160)
    expect(host.messagesOf(1).length).toBeLessThan(160)
    for (const type of ['prevote', 'precommit'] as const) {
      for (const keys of [honest, third]) host.onMessage(committee.vote(keys, type, 0, block.hash))
      await settled()
    }
    expect(host.progress.halted).toBe(false)
    expect(chain.height).toBe(1)
    await host.stop()
  })
})

describe('a validator with an empty disk', () => {
  const proposed = async (age: number) => {
    const clock = new HandClock()
    await clock.advance(age)
    const published: Uint8Array[] = []
    const { host } = await committee.host(indexOf(order[0]), { clock, publish: data => void published.push(data) })
    await host.start()
    return { clock, host, published }
  }

  test('of a network that was just founded takes part at once', async () => {
    const { clock, host, published } = await proposed(1_000)
    await clock.advance(100)
    expect([...signedBy(published).keys()]).toContain('1 0 propose')
    await host.stop()
  })

  test('on an older chain may have signed before it lost the disk: it is silent first, and then takes part', async () => {
    const { clock, host, published } = await proposed(600_000)
    await clock.advance(11_900)
    expect(published).toEqual([])
    await clock.advance(30_000)
    expect(signedBy(published).size).toBeGreaterThan(0)
    await host.stop()
  })
})
