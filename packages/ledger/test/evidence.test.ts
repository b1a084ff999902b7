import { makeCommit } from '@hydraai/consensus'
import type { KeyPair } from '@hydraai/core'
import { describe, expect, it } from 'vitest'
import {
  type Action,
  blockHash,
  checkTransaction,
  type Header,
  historyProof,
  type LedgerEvidence,
  type LightClientAttack,
  transactionBytes,
} from '../src/index.ts'
import { attackBy, digestOf, person, signedPrecommit, TEST_PARAMETERS, World, withBalance } from './world.ts'

const HYDRA = 1_000_000n
const spans = { epochBlocks: 6, dormantBlocks: 13, evidenceBlocks: 10, unbondingBlocks: 20 }
const code = (name: string) => expect.objectContaining({ code: name })
const newWorld = () => new World({ genesis: { parameters: { ...TEST_PARAMETERS, ...spans } } })

function twoVotes(world: World, keys: KeyPair, height: number): LedgerEvidence {
  const [a, b] = ['one', 'other'].map(id => signedPrecommit(world.state.chainId, keys, height, digestOf(id)))
  return { type: 'duplicate-vote', a: a!, b: b! }
}

function report(world: World, reporter: KeyPair, evidence: LedgerEvidence) {
  return world.next([world.sign(reporter, { type: 'evidence', evidence } satisfies Action)])
}

/** A staker with 5 HYDRA bound, outside of the committee. */
function withStaker(world: World): KeyPair {
  const staker = person('staker')
  withBalance(world, staker, 5n * HYDRA)
  world.next([world.sign(staker, { type: 'stake', amount: 5n * HYDRA })])
  return staker
}

describe('two votes that contradict each other', () => {
  it('cost a staker all that is bound, in the committee or not', () => {
    const world = newWorld()
    const staker = withStaker(world)
    world.next([world.sign(staker, { type: 'unstake', amount: 2n * HYDRA })])
    const { events } = report(world, world.founders[0]!, twoVotes(world, staker, 1))
    expect(world.account(staker)).toMatchObject({ stake: 0n, slashed: true, balance: 0n })
    expect(world.state.unbondings.size).toBe(0)
    expect(world.state.burnt).toBe(5n * HYDRA)
    const slashed = { account: staker.address, amount: 5n * HYDRA, height: 1, offence: 'duplicate-vote' }
    expect(events).toContainEqual(expect.objectContaining({ type: 'slash', ...slashed }))
  })

  it('cost somebody who has taken everything back what has not been released yet', () => {
    const world = newWorld()
    const staker = withStaker(world)
    world.next([world.sign(staker, { type: 'unstake', amount: 5n * HYDRA })])
    report(world, world.founders[0]!, twoVotes(world, staker, 1))
    expect(world.state.burnt).toBe(5n * HYDRA)
    world.upTo(23)
    expect(world.account(staker)!.balance).toBe(0n)
  })

  it('are told once: a second report of them, in the same block or later, is refused', () => {
    const world = newWorld()
    world.next()
    const [reporter, guilty, other] = world.founders
    const proofs = [reporter!, other!].map(keys =>
      world.sign(keys, { type: 'evidence', evidence: twoVotes(world, guilty!, 1) }),
    )
    const { refused } = world.offer(proofs)
    expect(refused.map(({ error }) => error.code)).toEqual(['EVIDENCE_REFUSED'])
    expect(() => report(world, reporter!, twoVotes(world, guilty!, 2))).toThrow(code('EVIDENCE_REFUSED'))
  })

  it('cost nothing to who has nothing bound, or once they are old', () => {
    const world = newWorld()
    const [reporter, guilty] = world.founders
    expect(() => report(world, reporter!, twoVotes(world, person('nobody'), 1))).toThrow(code('EVIDENCE_REFUSED'))
    world.upTo(12)
    expect(() => report(world, reporter!, twoVotes(world, guilty!, 2))).toThrow(code('EVIDENCE_REFUSED'))
    report(world, reporter!, twoVotes(world, guilty!, 3))
  })

  it('take the vote away with the next block, and the one of the last member never', () => {
    const world = newWorld()
    world.next()
    const [reporter, ...others] = world.founders
    for (const guilty of others) {
      const { block } = report(world, reporter!, twoVotes(world, guilty, 1))
      expect(world.state.committee.map(({ address }) => address)).not.toContain(guilty.address)
      expect(block.header.nextCommittee).not.toBe(block.header.committee)
    }
    report(world, reporter!, twoVotes(world, reporter!, 1))
    expect(world.state.committee.map(({ address }) => address)).toEqual([reporter!.address])
    world.upTo(15)
  })
})

describe('a false header shown to light clients', () => {
  it('costs everyone who signed it all that is bound', () => {
    const world = newWorld()
    const staker = withStaker(world)
    world.upTo(5)
    const [reporter, ...guilty] = world.founders
    const evidence = attackBy(world, [staker, ...guilty.slice(0, 2)])
    const { events } = report(world, reporter!, evidence)
    const offenders = events.flatMap(event => (event.type === 'slash' ? [event.account] : []))
    expect(new Set(offenders)).toEqual(new Set([staker, ...guilty.slice(0, 2)].map(keys => keys.address)))
    expect(() => report(world, reporter!, attackBy(world, [staker]))).toThrow(code('EVIDENCE_REFUSED'))
  })

  it('passes over signers with nothing bound, but takes no forged signature of one who has', () => {
    const world = newWorld()
    world.upTo(3)
    const [reporter, guilty, innocent] = world.founders
    const good = attackBy(world, [guilty!, person('nobody')])
    const { precommits } = attackBy(world, [innocent!]).commit
    const forged = { ...good.commit.precommits[0]!, validator: innocent!.address }
    expect(precommits).toHaveLength(1)
    const commit = { ...good.commit, precommits: [...good.commit.precommits, forged] }
    expect(() => report(world, reporter!, { ...good, commit })).toThrow(code('EVIDENCE_REFUSED'))
    const twice = { ...good.commit, precommits: [good.commit.precommits[0]!, good.commit.precommits[0]!] }
    expect(() => report(world, reporter!, { ...good, commit: twice })).toThrow(code('EVIDENCE_REFUSED'))
    report(world, reporter!, good)
    expect(world.account(guilty!)!.slashed).toBe(true)
    expect(world.account(innocent!)!.slashed).toBe(false)
  })

  it('is refused when an honest validator could have signed the header, or the true one is not of this chain', () => {
    const world = newWorld()
    world.upTo(4)
    const [reporter, guilty] = world.founders
    const good = attackBy(world, [guilty!])
    const signed = (header: Header): LightClientAttack => {
      const valueId = blockHash(header)
      const vote = signedPrecommit(world.state.chainId, guilty!, header.height, valueId)
      return { ...good, header, commit: makeCommit(header.height, 0, valueId, [vote]) }
    }
    // Another proposal of the same height, which lost: time, proposer and transactions are its proposer's to choose.
    const rival: Header = { ...good.trueHeader, time: good.trueHeader.time + 1, state: digestOf('x') }
    const later = world.blocks[2]!.header
    const hashes = [world.state.genesis, ...world.blocks.map(block => blockHash(block.header))]
    const bad: LightClientAttack[] = [
      signed(rival),
      signed({ ...good.header, chainId: 'hydra-00000000' }),
      { ...good, trueHeader: good.header },
      { ...good, trueHeader: later, proof: historyProof(hashes, 3) },
      { ...good, proof: [] },
      { ...good, commit: { ...good.commit, valueId: digestOf('x') } },
      { ...good, commit: { ...good.commit, round: 1 } },
      { ...good, commit: { ...good.commit, precommits: [] } },
    ]
    for (const evidence of bad) expect(() => report(world, reporter!, evidence)).toThrow(code('EVIDENCE_REFUSED'))
    report(world, reporter!, good)
  })

  it('fits into a transaction with a full committee and all models that a chain can have', () => {
    const world = newWorld()
    world.upTo(3)
    const signers = Array.from({ length: 64 }, (_, i) => person(`signer ${i}`))
    const models = Array.from({ length: 64 }, (_, i) => ({
      id: `a-model-with-a-long-name-${String(i).padStart(7, '0')}`,
      version: 2 ** 40,
      parameters: digestOf('p'),
    }))
    const { proof, ...rest } = attackBy(world, signers)
    const long = Array.from({ length: 53 }, () => digestOf('sibling'))
    const evidence = {
      ...rest,
      header: { ...rest.header, models },
      trueHeader: { ...rest.trueHeader, models },
      proof: [...proof, ...long].slice(0, 53),
    }
    const transaction = world.sign(world.founders[0]!, { type: 'evidence', evidence })
    expect(transactionBytes(transaction).length).toBeLessThan(32_768)
    expect(() => checkTransaction(world.state, transaction)).toThrow(code('EVIDENCE_REFUSED'))
  })
})

describe('tips', () => {
  it('go from the sender to whoever proposes the block, once the transaction applies', () => {
    const world = newWorld()
    const alice = person('alice')
    withBalance(world, alice, 100n)
    const [founder] = world.founders
    const send = { type: 'transfer' as const, to: founder!.address, amount: 50n, memo: '' }
    expect(() => world.next([world.sign(alice, send, 0, 51n)])).toThrow(code('BALANCE_TOO_LOW'))
    expect(world.account(alice)!.balance).toBe(100n)
    const { block, events } = world.next([world.sign(alice, send, 0, 50n)])
    const { proposer } = block.header
    expect(world.account(alice)!.balance).toBe(0n)
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'tip', account: proposer, from: alice.address, amount: 50n }),
    )
    const earned = world.state.accounts.get(proposer)!.balance
    expect(earned).toBe(proposer === founder!.address ? 100n : 50n)
  })

  it('that a proposer pays itself move nothing, but it must have them', () => {
    const world = newWorld()
    const [proposer] = world.state.committee
    const keys = world.founders.find(one => one.address === proposer!.address)!
    const other = world.founders.find(one => one !== keys)!
    withBalance(world, keys, 100n)
    const send = { type: 'transfer' as const, to: other.address, amount: 10n, memo: '' }
    expect(() => world.next([world.sign(keys, send, 0, 101n)])).toThrow(code('BALANCE_TOO_LOW'))
    world.next([world.sign(keys, send, 0, 90n)])
    expect(world.account(keys)!.balance).toBe(90n)
  })

  it('are no matter for fee credit', () => {
    const world = newWorld()
    const alice = person('alice')
    world.next([world.register(alice)])
    const register = world.sign(
      alice,
      { type: 'transfer', to: world.founders[0]!.address, amount: 1n, memo: '' },
      0,
      1n,
    )
    expect(() => checkTransaction(world.state, register)).toThrow(code('BALANCE_TOO_LOW'))
  })
})
