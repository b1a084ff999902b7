import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { BlockRow, Samples, Status, Training } from '../api/shapes.ts'
import {
  initialState,
  MAX_BLOCKS,
  MAX_LOG,
  MAX_LOSSES,
  mergeBlocks,
  mergeLosses,
  newestFirst,
  reduce,
  type State,
} from './state.ts'

const block = (height: number, hash = `${height}`): BlockRow => ({
  height,
  hash,
  time: height * 10_000,
  proposer: null,
  proposerName: null,
  transactions: 0,
  events: [],
  models: [],
})

const training = (step: number, unit = 0, losses: Training['losses'] = []): Training => ({
  current: { model: 'm', round: 1, unit, label: 'Image batch #1', step, steps: 24, loss: null },
  unitsCompleted: 0,
  earned: '0',
  losses,
  only: null,
  verifying: null,
  cpu: { trainingMs: 0, checkingMs: 0, replayingMs: 0 },
  trainingShare: null,
})

const status = (height: number, synced: boolean): Status => ({
  node: { name: 'a', address: '0x', peerId: 'p', version: '0', engine: 'e', uptimeMs: 0 },
  chain: {
    ...{ id: 'c', genesis: 'g', height, blockHash: null, time: 0, blockIntervalMs: 1, synced, syncTarget: 900 },
    ...{ lowest: 1, epoch: 1 },
  },
  state: synced ? 'training' : 'syncing',
  reason: '',
  paused: false,
  peers: 1,
  earned: { total: '0', lastHour: null },
  supply: { total: '0', minted: '0', burnt: '0' },
  waiting: null,
  validators: { total: 1, self: false },
})

describe('blocks', () => {
  it('are one a height, newest first and bounded, in whatever order they come', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 900 }), { maxLength: 600 }), heights => {
        const merged = mergeBlocks(
          [],
          heights.map(height => block(height)),
        )
        const expected = [...new Set(heights)].sort((a, b) => b - a).slice(0, MAX_BLOCKS)
        expect(merged.map(({ height }) => height)).toEqual(expected)
      }),
    )
  })

  it('take the later word on a height', () => {
    expect(mergeBlocks([block(1, 'old')], [block(1, 'new')])[0]?.hash).toBe('new')
  })
})

describe('losses', () => {
  it('come out the same whether a message brings the whole list or only what is new', () => {
    const all = Array.from({ length: 50 }, (_, at) => ({ at: at * 10, loss: 1 / (at + 1), model: null }))
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 12 }), cuts => {
        let held: Training['losses'] = []
        let from = 0
        for (const cut of cuts) {
          held = mergeLosses(held, all.slice(Math.max(0, from - cut), from + cut))
          from = Math.min(all.length, from + cut)
        }
        expect(mergeLosses(held, all)).toEqual(all)
        expect(held).toEqual(all.slice(0, from))
      }),
    )
  })

  it('are bounded and keep the newest', () => {
    const many = Array.from({ length: MAX_LOSSES + 10 }, (_, at) => ({ at, loss: at, model: null }))
    const merged = mergeLosses([], many)
    expect(merged).toHaveLength(MAX_LOSSES)
    expect(merged.at(-1)?.at).toBe(MAX_LOSSES + 9)
  })
})

describe('the log', () => {
  const entry = (at: number, text: string) => ({ at, kind: 'INFO', text })

  it('is newest first whichever way round the node lists it, also within one moment', () => {
    const ascending = [entry(1, 'a'), entry(1, 'b'), entry(2, 'c')]
    expect(newestFirst(ascending).map(({ text }) => text)).toEqual(['c', 'b', 'a'])
    expect(newestFirst(ascending.toReversed()).map(({ text }) => text)).toEqual(['c', 'b', 'a'])
  })

  it('puts a live entry on top under a key of its own, and is bounded', () => {
    let state = reduce(initialState, { type: 'log', entries: [entry(1, 'a'), entry(2, 'b')] })
    for (let at = 3; at < 3 + MAX_LOG; at++) state = reduce(state, { type: 'logged', entry: entry(at, `${at}`) })
    expect(state.log).toHaveLength(MAX_LOG)
    expect(state.log?.[0]?.text).toBe(`${2 + MAX_LOG}`)
    expect(new Set(state.log?.map(({ key }) => key)).size).toBe(MAX_LOG)
  })
})

describe('reduce', () => {
  it('remembers which answers changed from one version to the next, and nothing the first time', () => {
    const samples = (version: number, predicted: number): Samples => ({
      version,
      classNames: [],
      shape: [],
      samples: [
        { index: 7, pixels: '', label: 1, predicted, confidence: [] },
        { index: 8, pixels: '', label: 2, predicted: 2, confidence: [] },
      ],
    })
    const first = reduce(initialState, { type: 'samples', model: 'm', samples: samples(1, 4) })
    expect(first.changed).toEqual({})
    const second = reduce(first, { type: 'samples', model: 'm', samples: samples(2, 1) })
    expect([...(second.changed.m ?? [])]).toEqual([[7, 4]])
    expect(reduce(second, { type: 'samples', model: 'm', samples: samples(2, 1) }).changed).toBe(second.changed)
  })

  it('observes a unit from where it was first seen, and anew when the unit changes', () => {
    const at = (state: State, step: number, unit: number, now: number) =>
      reduce(state, { type: 'training', training: training(step, unit), at: now })
    const moving = at(at(initialState, 3, 0, 100), 9, 0, 200)
    expect(moving.unit).toMatchObject({ done: 3, at: 100 })
    expect(at(moving, 1, 1, 300).unit).toMatchObject({ done: 1, at: 300 })
  })

  it('observes syncing from its first height, and forgets it once synced', () => {
    const first = reduce(initialState, { type: 'status', status: status(10, false), at: 100 })
    const later = reduce(first, { type: 'status', status: status(60, false), at: 200 })
    expect(later.syncing).toMatchObject({ done: 10, at: 100 })
    expect(reduce(later, { type: 'status', status: status(900, true), at: 300 }).syncing).toBeNull()
  })

  it('forgets everything of another network that answers behind the same address', () => {
    const first = reduce(reduce(initialState, { type: 'status', status: status(10, true), at: 1 }), {
      type: 'blocks',
      blocks: [block(10)],
    })
    const other = status(2, true)
    const moved = reduce(first, {
      type: 'status',
      status: { ...other, chain: { ...other.chain, genesis: 'h' } },
      at: 2,
    })
    expect(moved.blocks).toBeNull()
    expect(reduce(first, { type: 'status', status: other, at: 2 }).blocks).toHaveLength(1)
  })

  it('drops the reason of a failure as soon as that part answers again, and no other', () => {
    const failed = reduce(reduce(initialState, { type: 'failed', part: 'peers', why: 'x' }), {
      type: 'failed',
      part: 'blocks',
      why: 'y',
    })
    expect(reduce(failed, { type: 'peers', peers: [] }).errors).toEqual({ blocks: 'y' })
  })

  it('keeps the moment at which the connection was lost while it stays lost', () => {
    const lost = reduce(initialState, { type: 'connection', connection: 'lost', at: 5 })
    expect(reduce(lost, { type: 'connection', connection: 'lost', at: 9 }).connectionSince).toBe(5)
  })
})
