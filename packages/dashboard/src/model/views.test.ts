import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { BlockRow, LedgerEvent, RoundUpdate } from '../api/shapes.ts'
import { eventLines } from './blocks.ts'
import { confidencesOf, countRight, inkOf, PIXELS, pixelsOf } from './digits.ts'
import { peerName, starsOf } from './reputation.ts'
import { accuracyColumns, accuracyRange, lossColumns, updateStanding, verifyingShare } from './training.ts'
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

describe('digits', () => {
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')

  it('are drawn byte for byte as opacity, and anything that is not 784 bytes is not drawn', () => {
    const bytes = Uint8Array.from({ length: PIXELS }, (_, at) => at % 256)
    const pixels = pixelsOf(base64(bytes))
    expect(pixels).toEqual(bytes)
    expect(inkOf(bytes).filter((_, at) => at % 4 === 3)).toEqual(Uint8ClampedArray.from(bytes))
    expect(pixelsOf(base64(bytes.slice(1)))).toBeNull()
    expect(pixelsOf('not base64!')).toBeNull()
  })

  it('count as right only when the model says the label', () => {
    const said = (label: number, predicted: number) => ({ index: 0, label, predicted })
    expect(countRight([said(1, 1), said(2, 3), said(4, 4)])).toBe(2)
  })

  it('have confidences that are shares of one, or none', () => {
    const ten = Array.from({ length: 10 }, () => 0.1)
    expect(confidencesOf(ten)).toBe(ten)
    expect(confidencesOf([])).toBeNull()
    expect(confidencesOf([...ten.slice(1), 7])).toBeNull()
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
  it('draws steps that end now, and versions in order', () => {
    const [steps, raw] = lossColumns([
      { at: 1, loss: 2 },
      { at: 2, loss: 1 },
    ])
    expect([steps, raw]).toEqual([
      [-1, 0],
      [2, 1],
    ])
    const point = (version: number, accuracy: number) => ({
      version,
      accuracy,
      round: null,
      height: null,
      time: null,
      loss: null,
      updates: null,
    })
    expect(accuracyColumns([point(2, 0.9), point(0, 0.1)])).toEqual([
      [0, 2],
      [0.1, 0.9],
    ])
  })

  it('keeps the accuracy axis within 0 and 100 %', () => {
    expect(accuracyRange(0, 1)).toEqual([0, 1])
    const [low, high] = accuracyRange(0.97, 0.97)
    expect(low).toBeLessThan(0.97)
    expect(high).toBeGreaterThan(0.97)
  })

  it('says how an update stands: its outcome, or its votes so far', () => {
    const update = (over: Partial<RoundUpdate>): RoundUpdate => ({
      trainer: '0x',
      trainerName: null,
      unit: 0,
      label: '',
      lossBefore: null,
      lossAfter: null,
      phase: null,
      outcome: null,
      verdicts: [],
      ...over,
    })
    expect(updateStanding(update({ outcome: 'accepted' }))).toBe('accepted')
    expect(updateStanding(update({ outcome: 'pending', phase: 'committed' }))).toBe('trained')
    expect(
      updateStanding(
        update({
          verdicts: [
            { verifier: 'a', valid: true },
            { verifier: 'b', valid: false },
          ],
        }),
      ),
    ).toBe('1 valid, 1 against')
  })

  it('gives no share of work before there was any', () => {
    expect(verifyingShare({ trainingMs: 0, verifyingMs: 0 })).toBeNull()
    expect(verifyingShare({ trainingMs: 30, verifyingMs: 10 })).toBe(0.25)
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
