import type { Committee } from '@hydraai/consensus'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  chainOf,
  committeeOfPeople,
  firstTrust,
  lightBlock,
  membersOf,
  nowAt,
  OPTIONS,
  PEOPLE,
} from '../../test/lightChain.ts'
import { LedgerError } from '../errors.ts'
import { bisect, type LightStore, MAX_TRUSTED, makeLightStore, offerLightBlock, verifyParent } from './bisect.ts'
import type { LightBlock, Trusted } from './lightBlock.ts'
import { verifyAdjacent } from './verify.ts'

/** Fetches from `serve` until the target is believed; the heights that were wanted too. */
function follow(store: LightStore, target: number, serve: (height: number) => LightBlock, now = nowAt(target)) {
  const wanted: number[] = []
  for (;;) {
    const step = bisect(store, target, now, OPTIONS)
    if ('done' in step) return { ...step, wanted }
    wanted.push(step.want)
    if (wanted.length > 2 * target) throw new Error('it wants for ever')
    store = offerLightBlock(step.store, serve(step.want))
  }
}

/** One block after the other. */
function followAll(trust: Trusted, blocks: readonly LightBlock[], now: number): Trusted {
  return blocks.reduce((trusted, block) => verifyAdjacent(trusted, block, now, OPTIONS), trust)
}

const same = committeeOfPeople([0, 1, 2, 3])
/** A committee of four that loses its eldest and gains one with every epoch of four blocks. */
const sliding = (height: number) => {
  const first = Math.floor(height / 4)
  return committeeOfPeople([0, 1, 2, 3].map(i => (first + i) % PEOPLE.length))
}

describe('bisect', () => {
  it('fetches the target alone while the committee stays', () => {
    const blocks = chainOf(Array.from({ length: 101 }, () => same))
    const { done, wanted } = follow(makeLightStore(firstTrust(same)), 100, height => blocks[height - 1]!)
    expect(wanted).toEqual([100])
    expect(done.hash).toBe(blocks[99]!.commit.valueId)
  })

  it('goes by way of blocks between when the committee changes, and ends where the sequential client does', () => {
    const blocks = chainOf(Array.from({ length: 61 }, (_, height) => sliding(height)))
    const trust = firstTrust(sliding(0))
    const { done, wanted, store } = follow(makeLightStore(trust), 60, height => blocks[height - 1]!)
    expect(done).toEqual(followAll(trust, blocks, nowAt(60)))
    expect(wanted.length).toBeGreaterThan(3)
    expect(wanted.length).toBeLessThan(25)
    expect(new Set(wanted).size).toBe(wanted.length)
    // What was found on the way is believed too, so an earlier block is then a short way.
    expect(store.fetched).toEqual([])
    expect(follow(store, 55, height => blocks[height - 1]!, nowAt(60)).wanted.length).toBeLessThan(6)
  })

  it('gets over a committee that is wholly new by the block before it', () => {
    const other = committeeOfPeople([6, 7, 8, 9])
    const blocks = chainOf(Array.from({ length: 31 }, (_, height) => (height < 13 ? same : other)))
    const { done, wanted } = follow(makeLightStore(firstTrust(same)), 30, height => blocks[height - 1]!)
    expect(done.hash).toBe(blocks[29]!.commit.valueId)
    // Block 13 was decided by the old committee and names the new one.
    expect(wanted).toEqual([30, 15, 7, 11, 13])
  })

  it('says which block a liar forged, and goes on with another peer from what is believed', () => {
    const blocks = chainOf(Array.from({ length: 41 }, (_, height) => sliding(height)))
    const store = makeLightStore(firstTrust(sliding(0)))
    const forged = lightBlock({ height: 40 }, committeeOfPeople([5]), same)
    const lie = (height: number) => (height === 40 ? forged : blocks[height - 1]!)
    expect(() => follow(store, 40, lie)).toThrow(
      expect.objectContaining({ code: 'LIGHT_BLOCK_INVALID', details: { height: 40 } }),
    )
    expect(follow(store, 40, height => blocks[height - 1]!).done.hash).toBe(blocks[39]!.commit.valueId)
  })

  it('has no way to blocks before all that is believed, but by their hashes', () => {
    const blocks = chainOf(Array.from({ length: 6 }, () => same))
    const { done } = follow(makeLightStore(firstTrust(same)), 5, height => blocks[height - 1]!)
    expect(() => bisect(makeLightStore(done), 4, nowAt(5), OPTIONS)).toThrow(
      expect.objectContaining({ code: 'LIGHT_TRUST_MISSING' }),
    )
    expect(verifyParent(done, blocks[3]!).hash).toBe(blocks[3]!.commit.valueId)
    const invalid = expect.objectContaining({ code: 'LIGHT_BLOCK_INVALID' })
    expect(() => verifyParent(done, blocks[2]!)).toThrow(invalid)
    expect(() => verifyParent(done, { ...blocks[3]!, nextCommittee: committeeOfPeople([9]) })).toThrow(invalid)
    expect(() => verifyParent(firstTrust(same), blocks[0]!)).toThrow(invalid)
  })

  it('keeps a bounded number of believed blocks, the first among them', () => {
    const blocks = chainOf(Array.from({ length: 81 }, () => same))
    let store = makeLightStore(firstTrust(same))
    for (let height = 1; height <= 80; height++) store = follow(store, height, at => blocks[at - 1]!).store
    expect(store.trusted).toHaveLength(MAX_TRUSTED)
    expect(store.trusted[0]!.height).toBe(0)
    expect(store.trusted.at(-1)!.height).toBe(80)
  })
})

/** Committees of a chain: each has most of the one before, at times none of it. */
const committees: fc.Arbitrary<Committee[]> = fc
  .array(fc.record({ from: fc.nat(9), size: fc.integer({ min: 3, max: 6 }), stays: fc.nat(5) }), {
    minLength: 3,
    maxLength: 14,
    size: 'max',
  })
  .map(epochs =>
    epochs.flatMap(({ from, size, stays }) => {
      const committee = committeeOfPeople(Array.from({ length: size }, (_, i) => (from + i) % PEOPLE.length))
      return Array.from({ length: stays + 1 }, () => committee)
    }),
  )

interface Lie {
  at: number
  signers: number
  committee: number[]
  breaks: 'committee' | 'next' | 'state' | 'commit'
}

const lie: fc.Arbitrary<Lie> = fc.record({
  at: fc.nat(60),
  signers: fc.nat(1023),
  committee: fc.uniqueArray(fc.nat(9), { minLength: 1, maxLength: 5 }),
  breaks: fc.constantFrom('committee', 'next', 'state', 'commit'),
})

/** A false block in the place of a true one, signed by whom it likes of those who may be bribed. */
function forge(truth: LightBlock, { committee, signers, breaks }: Lie, bribed: readonly number[]): LightBlock {
  const own = committeeOfPeople(committee)
  const willing = PEOPLE.filter((_, i) => bribed.includes(i) && (signers >> i) % 2 === 1)
  const header = { ...truth.header, state: 'f'.repeat(64) as typeof truth.header.state }
  if (breaks === 'commit') return { ...truth, header }
  const claimed = breaks === 'committee' ? own : truth.committee
  const next = breaks === 'next' ? own : truth.nextCommittee
  const { committee: _c, nextCommittee: _n, ...rest } = header
  const signing = membersOf(claimed).filter(keys => willing.includes(keys))
  return lightBlock(rest, claimed, next, signing)
}

describe('whoever serves the blocks', () => {
  it('what the bisection believes the sequential client believes too, though a third of every committee lies', () => {
    let believed = 0
    let refused = 0
    fc.assert(
      fc.property(
        committees,
        fc.array(lie, { maxLength: 6 }),
        fc.uniqueArray(fc.nat(9), { maxLength: 4 }),
        (all, lies, bribed) => {
          // Less than a third of each committee may be bribed, so that the chain itself is safe.
          fc.pre(
            all.every(committee => {
              const members = membersOf(committee)
              return 3 * members.filter(keys => bribed.includes(PEOPLE.indexOf(keys))).length < members.length
            }),
          )
          const blocks = chainOf(all)
          const served = [...blocks]
          for (const one of lies) {
            const index = one.at % blocks.length
            served[index] = forge(blocks[index]!, one, bribed)
          }
          const trust = firstTrust(all[0]!)
          const now = nowAt(blocks.length)
          let done: Trusted
          try {
            done = follow(makeLightStore(trust), blocks.length, height => served[height - 1]!).done
            believed++
          } catch (error) {
            if (!(error instanceof LedgerError)) throw error
            expect(lies.length, error.message).toBeGreaterThan(0)
            refused++
            return
          }
          expect(done).toEqual(followAll(trust, blocks, now))
        },
      ),
      { numRuns: 60 },
    )
    expect(believed).toBeGreaterThan(0)
    expect(refused).toBeGreaterThan(0)
  })
})
