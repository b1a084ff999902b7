import { HydraError } from '@hydraai/core'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { person, verdictOf, World, workOf } from '../../test/world.ts'
import { applyBlock } from '../blocks/applyBlock.ts'
import { stateRoot } from './root.ts'
import { decodeState, encodeState } from './snapshot.ts'
import type { LedgerState } from './types.ts'

describe('snapshots', () => {
  const world = new World()
  let state: LedgerState
  let bytes: Uint8Array

  beforeAll(() => {
    const [trainer, verifier] = world.founders
    world.next([world.register(person('newcomer')), world.sign(trainer!, workOf(trainer!, 1, 0).commit)])
    world.until('reveal')
    world.next([world.sign(trainer!, workOf(trainer!, 1, 0).reveal)])
    world.next([], [world.base()])
    world.next([
      world.sign(trainer!, workOf(trainer!, 2, 0).commit),
      world.sign(verifier!, verdictOf(verifier!, trainer!, { round: 1, unit: 0 })),
    ])
    state = world.state
    bytes = encodeState(state)
  })

  it('give back the same state, which goes on as the first would have', () => {
    const restored = decodeState(bytes)
    expect(restored).toEqual(state)
    expect(encodeState(restored)).toEqual(bytes)
    expect(stateRoot(restored)).toBe(stateRoot(state))
    const { block } = world.next()
    expect(applyBlock(restored, block).state).toEqual(world.state)
  })

  it('cut short or with bytes after the end are refused', () => {
    for (const length of [0, 5, 14, 46, 50, 51, bytes.length - 1])
      expect(() => decodeState(bytes.subarray(0, length))).toThrow(expect.objectContaining({ code: 'STATE_INVALID' }))
    const longer = new Uint8Array(bytes.length + 1)
    longer.set(bytes)
    expect(() => decodeState(longer)).toThrow(expect.objectContaining({ code: 'STATE_INVALID' }))
  })

  it('with any byte changed are refused or have another root or block hash', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 255 }), (position, change) => {
        const at = position % bytes.length
        const broken = bytes.slice()
        broken[at]! ^= change
        try {
          const decoded = decodeState(broken)
          expect([stateRoot(decoded), decoded.blockHash]).not.toEqual([stateRoot(state), state.blockHash])
        } catch (error) {
          expect(error).toBeInstanceOf(HydraError)
          expect(error).toHaveProperty('code', 'STATE_INVALID')
        }
      }),
      { numRuns: 300 },
    )
  })
})
