import { describe, expect, it } from 'vitest'
import { World } from '../../test/world.ts'
import { AnswerError } from './parse.ts'
import * as shapes from './shapes.ts'

const world = new World(1e12)
const wire = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T

describe('answers of the node', () => {
  it('are read as the API gives them, fields that may be missing included', () => {
    expect(shapes.status(wire(world.status()), '').node.name).toBe('alice123')
    expect(shapes.peers(wire(world.peers()), '').peers[3]).toMatchObject({ name: null, latencyMs: null, account: null })
    expect(shapes.blocks(wire(world.blocks(1e9, 5)), '').blocks[0]?.events[0]).toMatchObject({ transaction: null })
    const status = wire(world.status()) as { earned: { lastHour?: string } }
    delete status.earned.lastHour
    expect(shapes.status(status, '').earned.lastHour).toBeNull()
  })

  it('keep every field of an action, so that a kind unknown here can still be shown', () => {
    const answer = {
      id: 'x',
      height: null,
      status: 'pending',
      sender: null,
      nonce: 0,
      action: { type: 'new', odd: [1] },
    }
    expect(shapes.transaction(answer, '').action).toEqual({ type: 'new', rest: { type: 'new', odd: [1] } })
  })

  it('say which field is wrong, and never become a value', () => {
    const wrong = wire(world.status())
    wrong.chain.height = 'many' as unknown as number
    expect(() => shapes.status(wrong, '')).toThrow(/chain\.height/)
    expect(() => shapes.peers({ peers: [{ peerId: 1 }] }, '')).toThrow(/peers\[0\]\.peerId/)
    for (const body of [null, [], 'x', 7, {}]) expect(() => shapes.training(body, '')).toThrow(AnswerError)
    expect(() => shapes.training({ ...world.training(), earned: '1e5' }, '')).toThrow(/earned/)
    expect(() => shapes.log({ entries: [{ at: Number.NaN, kind: 'INFO', text: '' }] }, '')).toThrow(/entries\[0\]\.at/)
  })

  it('are refused when a list is longer than any page should hold', () => {
    expect(() => shapes.samples({ version: 1, samples: new Array(1001).fill(null) }, '')).toThrow(/at most 1000/)
  })
})
