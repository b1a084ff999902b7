import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { BlockRow, LedgerEvent } from '../api/shapes.ts'
import { eventLines } from './blocks.ts'
import { peerName, starsOf } from './reputation.ts'
import { lossColumns, lossesOf, verifyingShare } from './training.ts'
import { humanise, plural } from './words.ts'

describe('stars', () => {
  it('are the ones the founding picture shows', () => {
    expect([98, 87, 95, 91].map(starsOf)).toEqual([5, 4, 5, 4])
  })

  it('never leave 0 to 5, and never fall when reputation grows', () => {
    fc.assert(
      fc.property(fc.integer({ min: -10, max: 200 }), reputation => {
        expect(starsOf(reputation)).toBeGreaterThanOrEqual(0)
        expect(starsOf(reputation + 1)).toBeGreaterThanOrEqual(starsOf(reputation))
        expect(starsOf(reputation)).toBeLessThanOrEqual(5)
      }),
    )
  })

  it('stand beside a name, or the end of the peer id', () => {
    expect(peerName({ name: 'bob', peerId: 'xyz1' })).toBe('bob')
    expect(peerName({ name: null, peerId: '12D3KooWb2e8' })).toBe('node-b2e8')
  })
})

describe('the lines of a block', () => {
  const event = (type: string): LedgerEvent => ({
    type,
    text: type,
    account: null,
    accountName: null,
    amount: null,
    transaction: null,
    model: null,
  })
  const block = (height: number, types: string[], version = 1): BlockRow => ({
    height,
    hash: '',
    time: 0,
    proposer: null,
    proposerName: null,
    transactions: 0,
    events: types.map(event),
    models: [{ id: 'm', version, parameters: '' }],
  })

  it('put what people look for first, leave the constant ones out, and count all that is not shown', () => {
    const { lines, hidden } = eventLines(
      block(2, ['precommit-reward', 'fee', 'block-reward', 'verdict', 'new-kind', 'unit-reward', 'transfer']),
      undefined,
      3,
    )
    expect(lines.map(({ text }) => text)).toEqual(['unit-reward', 'transfer', 'new-kind'])
    expect(hidden).toBe(4)
  })

  it('call a version new only against the block just below, and not twice', () => {
    expect(eventLines(block(2, [], 5), block(1, [], 4), 3).versions).toEqual([{ id: 'm', version: 5, parameters: '' }])
    expect(eventLines(block(3, [], 5), block(1, [], 4), 3).versions).toEqual([])
    expect(eventLines(block(2, ['model'], 5), block(1, [], 4), 3).versions).toEqual([])
    expect(eventLines(block(2, [], 5), undefined, 3).versions).toEqual([])
  })
})

describe('training', () => {
  it('draws steps that end now', () => {
    const [steps, raw] = lossColumns([
      { at: 1, loss: 2, model: null },
      { at: 2, loss: 1, model: null },
    ])
    expect([steps, raw]).toEqual([
      [-1, 0],
      [2, 1],
    ])
  })

  it('draws of one model only its own losses', () => {
    const loss = (at: number, model: string | null) => ({ at, loss: at, model })
    expect(lossesOf([loss(1, 'a'), loss(2, 'b'), loss(3, null)], 'a').map(({ at }) => at)).toEqual([1, 3])
  })

  it('gives no share of work before there was any', () => {
    expect(verifyingShare({ trainingMs: 0, checkingMs: 0, replayingMs: 0 })).toBeNull()
    expect(verifyingShare({ trainingMs: 30, checkingMs: 2, replayingMs: 8 })).toBe(0.25)
  })
})

describe('words', () => {
  it('are for people', () => {
    expect([humanise('feeCredit'), humanise('unit-reward'), humanise('synced')]).toEqual([
      'Fee credit',
      'Unit reward',
      'Synced',
    ])
    expect([plural(1, 'peer'), plural(2, 'peer')]).toEqual(['1 peer', '2 peers'])
  })
})
