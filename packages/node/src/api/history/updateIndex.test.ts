import { type Address, addressOfBytes, CounterRandom, type Hash, taggedHash, utf8 } from '@hydraai/core'
import type { LedgerEvent } from '@hydraai/ledger'
import { memoryStorage, SimulatedDisk } from '@hydraai/storage'
import { describe, expect, it } from 'vitest'
import { UpdateIndex } from './updateIndex.ts'
import { type UpdateEvent, updateOf } from './updateRecord.ts'

const hashOf = (text: string): Hash => taggedHash('update index test', utf8(text))
const trainer = (at: number): Address => addressOfBytes(new Uint8Array(20).fill(at))
const refOf = (round: number, at: number, unit = 0, model = 'm') => ({ model, round, unit, trainer: trainer(at) })

type Ref = ReturnType<typeof refOf>
const transaction = hashOf('commit')

function committed({ trainer, ...unit }: Ref): LedgerEvent {
  return { type: 'commit', account: trainer, ...unit, transaction }
}

function decided(ref: Ref, over: Partial<UpdateEvent> = {}): UpdateEvent {
  const claims = { lossBefore: 1, lossAfter: 2, planted: false }
  const story = { ...claims, outcome: 'accepted', bytes: 9, audit: null, verdicts: [], reward: 1n } as const
  return { type: 'update', ...ref, transaction, ...story, ...over }
}

function disputed(ref: Ref): LedgerEvent {
  return { type: 'dispute', ...ref, question: 'findings', challenger: null, until: 9, transaction }
}

function slashed({ trainer, ...unit }: Ref, amount: bigint): LedgerEvent {
  return { type: 'unit-slash', account: trainer, amount, burnt: amount, ...unit, transaction }
}

/** An index that is given blocks of events, from height 1 on, and started anew after each. */
async function indexOf(...blocks: LedgerEvent[][]): Promise<UpdateIndex> {
  const disk = new SimulatedDisk({ random: new CounterRandom(hashOf('disk')) })
  const { db } = memoryStorage(disk)
  let index = new UpdateIndex(db, 'test')
  for (const [at, events] of blocks.entries()) {
    const { operations, written } = await index.operationsOf([
      { height: at + 1, time: 1_000 * at, events, state: null },
    ])
    await db.batch(operations, { sync: false })
    written()
    index = new UpdateIndex(db, 'test')
    await index.open()
  }
  return index
}

describe('the history of updates', () => {
  it('is one list whatever the size of its pages: newest round first, one model only', async () => {
    const refs = [1, 2, 9, 10, 11].flatMap(round => [refOf(round, 1), refOf(round, 2), refOf(round, 2, 1)])
    const others = [refOf(7, 1, 0, 'm-2'), refOf(7, 1, 0, 'l')]
    const index = await indexOf([...refs, ...others].map(committed))
    const whole = await index.updates('m', 100)
    expect(whole.before).toBeNull()
    expect(whole.found.map(({ round }) => round)).toEqual([11, 11, 11, 10, 10, 10, 9, 9, 9, 2, 2, 2, 1, 1, 1])
    for (const limit of [1, 4, 15, 16]) {
      const paged = []
      let before: string | null | undefined
      while (before !== null) {
        const page = await index.updates('m', limit, before)
        expect(page.found.length).toBeLessThanOrEqual(limit)
        paged.push(...page.found)
        before = page.before
      }
      expect(paged).toEqual(whole.found)
    }
    expect((await index.updates('nobody', 10)).found).toEqual([])
  })

  it('keeps the last word on an update, the blocks that told of it, and what it cost', async () => {
    const ref = refOf(3, 1)
    const index = await indexOf(
      [committed(ref)],
      [],
      [decided(ref, { outcome: 'disputed', reward: 0n }), disputed(ref)],
      [slashed(ref, 30n), slashed(ref, 20n), decided(ref, { outcome: 'refuted', reward: 0n })],
    )
    expect(await index.update(ref)).toMatchObject({
      decided: { event: { outcome: 'refuted' }, height: 4, time: 3_000 },
      slashed: 50n,
      disputedAt: 3,
      heights: [1, 3, 4],
    })
    expect(await index.update(refOf(3, 2))).toBeUndefined()
  })

  it('lists each dispute once, the newest first, over pages', async () => {
    const [first, second, third] = [refOf(9, 1), refOf(2, 1), refOf(2, 2)] as const
    const index = await indexOf([disputed(first)], [disputed(second), disputed(third)], [disputed(first)])
    const one = await index.disputes(2)
    expect(one.found.map(({ round, disputedAt }) => [round, disputedAt])).toEqual([
      [2, 2],
      [2, 2],
    ])
    const two = await index.disputes(2, one.before ?? undefined)
    expect(two.found.map(({ round, disputedAt }) => [round, disputedAt])).toEqual([[9, 1]])
    expect(two.before).toBeNull()
  })

  it('counts an update when it is decided, a disputed one when the dispute is over, and its verdicts once', async () => {
    const judgements = ['stood', 'wrong', 'silent', 'open'] as const
    const verdicts = judgements.map((judgement, at) => ({ verifier: trainer(9 - at), segments: 3 - at, judgement }))
    const index = await indexOf(
      [decided(refOf(1, 1)), decided(refOf(1, 2), { outcome: 'disputed', verdicts })],
      [decided(refOf(1, 2), { outcome: 'refuted', verdicts }), decided(refOf(1, 3), { outcome: 'expired' })],
    )
    expect(index.counts).toEqual({
      accepted: 1,
      refuted: 1,
      expired: 1,
      disputes: 1,
      audits: 2,
      segments: 5,
      silent: 1,
      wrong: 1,
    })
  })

  it('is about the trainer of a unit, whoever sent what told of it', () => {
    const ref = refOf(3, 1)
    expect(updateOf(committed(ref))).toEqual(ref)
    const told: LedgerEvent = { type: 'verdict', account: trainer(2), ...ref, transaction }
    expect(updateOf(told)).toEqual(ref)
    expect(updateOf({ type: 'unbond', account: trainer(1), amount: 1n })).toBeNull()
    expect(updateOf({ type: 'phase', model: 'm', round: 3, phase: 'work', endsAt: 4 })).toBeNull()
  })
})
