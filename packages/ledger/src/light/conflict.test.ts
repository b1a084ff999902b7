import { type Committee, committeeHash, makeCommit, makeCommittee, verifyEvidence } from '@hydraai/consensus'
import type { Hash, KeyPair } from '@hydraai/core'
import { describe, expect, it } from 'vitest'
import { chainOf, committeeOfPeople, firstTrust, lightBlock, nowAt, OPTIONS, PEOPLE } from '../../test/lightChain.ts'
import { digestOf, signedPrecommit, World } from '../../test/world.ts'
import { blockHash, type Header } from '../blocks/header.ts'
import { committeeOf } from '../committee/committee.ts'
import { historyProof } from '../state/history.ts'
import { bisect, makeLightStore, offerLightBlock } from './bisect.ts'
import { attackEvidence, conflictOf } from './conflict.ts'
import { type LightBlock, trustGenesis } from './lightBlock.ts'
import { defaultTrustingPeriod, verifySkipping } from './verify.ts'

const four = committeeOfPeople([0, 1, 2, 3])
const good = { height: 5, parent: digestOf('parent') }

describe('conflictOf', () => {
  const honest = lightBlock(good, four, four)

  it('finds none in one block, with whatever precommits, and refuses to compare heights', () => {
    expect(conflictOf(honest, lightBlock(good, four, four, PEOPLE.slice(1, 4)))).toBeNull()
    expect(() => conflictOf(honest, lightBlock({ ...good, height: 6 }, four, four))).toThrow(
      expect.objectContaining({ code: 'CONFLICT_INVALID' }),
    )
  })

  it('names everyone who signed two blocks in one round', () => {
    const other = lightBlock({ ...good, state: digestOf('riches') }, four, four, PEOPLE.slice(0, 3))
    const conflict = conflictOf(honest, other)!
    expect(conflict).toMatchObject({ height: 5, kind: 'equivocation' })
    const guilty = conflict.duplicateVotes.map(votes => verifyEvidence(honest.header.chainId, four, votes))
    expect(guilty.sort()).toEqual(
      PEOPLE.slice(0, 3)
        .map(({ address }) => address)
        .sort(),
    )
  })

  it('names nobody when the rounds differ: who forgot a lock cannot be told from the commits', () => {
    const other = lightBlock({ ...good, state: digestOf('riches') }, four, four)
    const later = { ...other, commit: { ...other.commit, round: 1 } }
    expect(conflictOf(honest, later)).toEqual({ height: 5, kind: 'amnesia', duplicateVotes: [] })
  })

  it('tells a block with another parent or committee, which no honest validator signs', () => {
    for (const forged of [
      lightBlock({ ...good, parent: digestOf('other') }, four, four),
      lightBlock(good, committeeOfPeople([0, 1]), four),
    ]) {
      expect(conflictOf(honest, forged)?.kind).toBe('lunatic')
    }
  })
})

describe('a witness that says otherwise', () => {
  const trust = firstTrust(four)
  const blocks = chainOf(Array.from({ length: 21 }, () => four))
  const store = makeLightStore(trust)

  it('is a liar when its block does not verify: there is no conflict to report', () => {
    const made = lightBlock({ height: 20 }, committeeOfPeople([6, 7, 8]), four)
    expect(verifySkipping(trust, made, nowAt(20), OPTIONS)).toBeNull()
    const asked = bisect(offerLightBlock(store, made), 20, nowAt(20), OPTIONS)
    expect(asked).toMatchObject({ want: 10 })
    // It has to show how the committee came to be another, and cannot: at the latest at a block that follows directly.
    let step = asked
    expect(() => {
      while ('want' in step) {
        step = bisect(offerLightBlock(step.store, blocks[step.want - 1]!), 20, nowAt(20), OPTIONS)
      }
    }).toThrow(expect.objectContaining({ code: 'LIGHT_BLOCK_INVALID', details: { height: 20 } }))
  })
})

/** A light block of the world's chain that its commit in the world decided. */
function lightBlockOf(
  header: Header,
  committee: Committee,
  nextCommittee: Committee,
  signers: readonly KeyPair[],
): LightBlock {
  const valueId = blockHash(header)
  const votes = signers.map(keys => signedPrecommit(header.chainId, keys, header.height, valueId))
  return { header, commit: makeCommit(header.height, 0, valueId, votes), committee, nextCommittee }
}

describe('an attack on light clients by more than a third', () => {
  it('succeeds with one client, and costs the attackers all their stake once a node with the chain hears of it', () => {
    const world = new World()
    const hashes: Hash[] = [world.state.blockHash]
    for (let i = 0; i < 6; i++) hashes.push(world.next().state.blockHash)
    const trueHeader = world.blocks[4]!.header // height 5
    const committee = committeeOf(world.state)
    const honest = lightBlockOf(trueHeader, committee, committee, world.founders)

    const attackers = world.founders.slice(0, 2)
    const own = makeCommittee(
      committee.validators.filter(({ address }) => attackers.some(keys => keys.address === address)),
    )
    const falseHeader = { ...trueHeader, state: digestOf('all theirs'), committee: committeeHash(own) }
    const attack = lightBlockOf(falseHeader, own, committee, attackers)

    // Half of the power is more than a third: whoever skips from the genesis is taken in.
    const trust = trustGenesis(world.genesis)
    const now = world.state.time
    const options = { trustingPeriodMs: defaultTrustingPeriod(world.genesis.parameters), maxClockLeadMs: 0 }
    expect(verifySkipping(trust, attack, now, options)?.height).toBe(5)
    expect(verifySkipping(trust, honest, now, options)?.height).toBe(5)

    expect(conflictOf(attack, honest)?.kind).toBe('lunatic')
    const evidence = attackEvidence(attack, trueHeader, historyProof(hashes, 5))
    const reporter = world.founders[3]!
    const { events } = world.next([world.sign(reporter, { type: 'evidence', evidence })])
    const slashed = events.flatMap(event => (event.type === 'slash' ? [event.account] : []))
    expect(slashed.sort()).toEqual(attackers.map(({ address }) => address).sort())
    for (const keys of attackers) expect(world.account(keys)).toMatchObject({ stake: 0n, slashed: true })
  })

  it('cannot be pinned on who signed the true block', () => {
    const world = new World()
    const hashes: Hash[] = [world.state.blockHash]
    for (let i = 0; i < 6; i++) hashes.push(world.next().state.blockHash)
    const committee = committeeOf(world.state)
    const { header } = world.blocks[4]!
    const honest = lightBlockOf(header, committee, committee, world.founders)
    const made = { ...header, parent: digestOf('made up') }
    const evidence = [
      // The true block as the false one, against a header that never was; and a signature moved to another header.
      attackEvidence(honest, made, historyProof(hashes, 5)),
      attackEvidence({ ...honest, header: made }, header, historyProof(hashes, 5)),
      attackEvidence(
        { ...honest, header: made, commit: { ...honest.commit, valueId: blockHash(made) } },
        header,
        historyProof(hashes, 5),
      ),
    ]
    for (const one of evidence) {
      const report = world.sign(world.founders[3]!, { type: 'evidence', evidence: one })
      expect(() => world.next([report])).toThrow(expect.objectContaining({ code: 'EVIDENCE_REFUSED' }))
    }
  })
})
