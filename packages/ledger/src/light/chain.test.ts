import { committeeHash } from '@hydraai/consensus'
import { decode, encode, HydraError } from '@hydraai/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MODEL, TEST_PARAMETERS, World } from '../../test/world.ts'
import { committeeOf } from '../committee/committee.ts'
import { bisect, makeLightStore, offerLightBlock } from './bisect.ts'
import { modelOf, proveEvent, verifyEvent } from './eventProof.ts'
import { type LightBlock, lightBlockCodec, trustGenesis } from './lightBlock.ts'
import { proveAccount, verifyAccount } from './stateProof.ts'
import { defaultTrustingPeriod, verifyAdjacent } from './verify.ts'

/** A chain of the ledger itself: seven founders, of whom the beacon draws three for every epoch of five blocks. */
const world = new World({
  founders: 7,
  genesis: { parameters: { ...TEST_PARAMETERS, epochBlocks: 5, committeeSize: 3 } },
})
const blocks: LightBlock[] = []
for (let i = 0; i < 60; i++) {
  const committee = committeeOf(world.state)
  const { block, state } = world.next()
  blocks.push({ header: block.header, commit: world.commit!, committee, nextCommittee: committeeOf(state) })
}
const trust = trustGenesis(world.genesis)
const now = world.state.time
const options = { trustingPeriodMs: defaultTrustingPeriod(world.genesis.parameters), maxClockLeadMs: 0 }

describe('a light client of a chain whose committees the ledger draws', () => {
  it('gets from the genesis to the last block, and there reads accounts, rewards and models', () => {
    expect(new Set(blocks.map(({ committee }) => committeeHash(committee))).size).toBeGreaterThan(3)
    let store = makeLightStore(trust)
    let fetched = 0
    for (;;) {
      const step = bisect(store, 60, now, options)
      if ('done' in step) {
        expect(step.done.hash).toBe(world.state.blockHash)
        break
      }
      fetched++
      store = offerLightBlock(step.store, blocks[step.want - 1]!)
    }
    expect(fetched).toBeLessThan(40)
    const { header } = blocks[59]!
    for (const keys of world.founders) {
      expect(verifyAccount(header, proveAccount(world.state, keys.address))).toEqual(world.account(keys))
    }
    const events = world.events.slice(world.events.findLastIndex(({ type }) => type === 'block-reward'))
    expect(verifyEvent(header, proveEvent(events, 0))).toMatchObject({ type: 'block-reward', height: 59 })
    expect(modelOf(header, MODEL)?.parameters).toBe(world.state.models.get(MODEL)!.parameters)
  })

  it('believes no block of which a single byte was changed on the way', () => {
    const bytes = encode(lightBlockCodec, blocks[0]!)
    expect(verifyAdjacent(trust, decode(lightBlockCodec, bytes), now, options).height).toBe(1)
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const altered = bytes.slice()
        altered[at]! ^= change
        let error: unknown
        try {
          verifyAdjacent(trust, decode(lightBlockCodec, altered), now, options)
        } catch (caught) {
          error = caught
        }
        expect(error).toBeInstanceOf(HydraError)
        expect(['CODEC_INVALID', 'LIGHT_BLOCK_INVALID']).toContain((error as HydraError).code)
      }),
      { numRuns: 300 },
    )
  })
})
