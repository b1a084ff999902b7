import { makeCommit } from '@hydraai/consensus'
import { decode, encode, type Hash } from '@hydraai/core'
import { beforeEach, describe, expect, it } from 'vitest'
import { digestOf, person, signedPrecommit, TEST_PARAMETERS, World, workOf } from '../../test/world.ts'
import { beaconAlpha } from '../committee/beacon.ts'
import { emptyAccount } from '../state/account.ts'
import { withWrites } from '../state/sortedTable.ts'
import type { Action } from '../transactions/action.ts'
import { applyBlock } from './applyBlock.ts'
import { type Block, blockBytes, blockCodec, commitHash, resultsRoot, transactionsRoot } from './block.ts'
import { buildBlock } from './buildBlock.ts'
import { blockHash, type Header } from './header.ts'

const alice = person('alice')
const invalid = expect.objectContaining({ code: 'BLOCK_INVALID' })

describe('applyBlock', () => {
  let world: World
  let block: Block

  beforeEach(() => {
    world = new World()
    world.next()
    world.next()
    const [founder] = world.founders
    block = built(world, [world.register(alice), world.sign(founder!, workOf(founder!, 1, 0).commit)])
  })

  const withHeader = (change: Partial<Header>): Block => ({ ...block, header: { ...block.header, ...change } })

  it('gives what buildBlock gave, after a trip over the wire too, and leaves its input as it was', () => {
    const before = structuredClone(world.state)
    const first = applyBlock(world.state, block)
    const second = applyBlock(world.state, decode(blockCodec, encode(blockCodec, block)))
    expect(second).toEqual(first)
    expect(first.state.blockHash).toBe(blockHash(block.header))
    expect(world.state).toEqual(before)
  })

  it('refuses a header with any field changed', () => {
    const other = digestOf('other')
    const [model] = block.header.models
    const changes: Partial<Header>[] = [
      { chainId: 'hydra-00000000' },
      { height: block.header.height + 1 },
      { height: block.header.height - 1 },
      { time: world.state.time },
      { proposer: alice.address },
      { parent: other },
      { lastCommit: other },
      { transactions: other },
      { results: other },
      { state: other },
      { events: other },
      { nextCommittee: other },
      { beaconProof: person('alice').prove(beaconAlpha(world.state)) },
      { committee: other },
      { models: [] },
      { models: [{ ...model!, version: 1 }] },
      { models: [{ ...model!, parameters: other }] },
      { models: [model!, model!] },
    ]
    for (const change of changes)
      expect(() => applyBlock(world.state, withHeader(change)), JSON.stringify(change)).toThrow(invalid)
    // Time and proposer are also under the state root, so a lie about them changes the hash of what follows.
    const anotherFounder = world.founders.find(founder => founder.address !== block.header.proposer)!.address
    expect(() => applyBlock(world.state, withHeader({ proposer: anotherFounder }))).toThrow(invalid)
    expect(() => applyBlock(world.state, withHeader({ time: block.header.time + 1 }))).toThrow(invalid)
  })

  it('refuses other transactions than the header is over, and those that lead elsewhere than the header says', () => {
    const [first, second] = block.transactions
    for (const transactions of [[], [first!], [second!, first!], [first!, second!, second!]])
      expect(() => applyBlock(world.state, { ...block, transactions })).toThrow(invalid)
    for (const transactions of [[], [first!], [first!, second!, second!]]) {
      const changed = { ...withHeader({ transactions: transactionsRoot(transactions) }), transactions }
      expect(() => applyBlock(world.state, changed)).toThrow(invalid)
    }
  })

  it('refuses a block with one transaction that fails', () => {
    const [founder] = world.founders
    const fails = world.sign(founder!, { type: 'transfer', to: alice.address, amount: 10n ** 15n, memo: '' })
    const transactions = [fails]
    const changed = { ...withHeader({ transactions: transactionsRoot(transactions) }), transactions }
    expect(() => applyBlock(world.state, changed)).toThrow(
      expect.objectContaining({ code: 'BLOCK_INVALID', cause: expect.objectContaining({ code: 'BALANCE_TOO_LOW' }) }),
    )
  })

  it('refuses a last commit that is missing, of another block, too weak, forged or by strangers', () => {
    const good = world.commit!
    const { chainId, height, blockHash: parent } = world.state
    const votes = (people: typeof world.founders, id: Hash, round = 0) =>
      people.map(keys => ({ ...signedPrecommit(chainId, keys, height, id), round }))
    const bad = [
      null,
      { ...good, height: height - 1 },
      { ...good, valueId: digestOf('other') },
      makeCommit(height, 0, digestOf('other'), votes(world.founders, digestOf('other'))),
      { ...good, precommits: good.precommits.slice(0, 2) },
      { ...good, precommits: [...good.precommits].reverse() },
      { ...good, precommits: [good.precommits[0]!, good.precommits[0]!, good.precommits[1]!] },
      { ...good, round: 1 },
      makeCommit(height, 0, parent, votes([...world.founders.slice(0, 2), alice], parent)),
    ]
    for (const lastCommit of bad) {
      const changed = { ...withHeader({ lastCommit: commitHash(lastCommit) }), lastCommit }
      expect(() => applyBlock(world.state, changed), JSON.stringify(lastCommit)).toThrow(invalid)
    }
    expect(() =>
      applyBlock(world.state, { ...block, lastCommit: { ...good, precommits: good.precommits.slice(1) } }),
    ).toThrow(invalid)
    const three = world.founders.slice(1).map(keys => signedPrecommit(chainId, keys, height, parent))
    const enough = built(world, [], makeCommit(height, 0, parent, three))
    expect(() => applyBlock(world.state, enough)).not.toThrow()
  })

  it('refuses the first block if it carries a commit', () => {
    const fresh = new World()
    const first = built(fresh, [])
    const lastCommit = world.commit!
    const changed = { ...first, lastCommit, header: { ...first.header, lastCommit: commitHash(lastCommit) } }
    expect(() => applyBlock(fresh.state, changed)).toThrow(invalid)
  })

  it('refuses to go on from a state whose money does not add up', () => {
    const state = { ...world.state, minted: world.state.minted + 1n }
    expect(() => applyBlock(state, block)).toThrow(expect.objectContaining({ code: 'SUPPLY_BROKEN' }))
  })
})

describe('buildBlock', () => {
  it('leaves out what does not apply, says why, and keeps what comes after it', () => {
    const world = new World()
    const [founder] = world.founders
    const bad = world.sign(founder!, { type: 'transfer', to: alice.address, amount: 1n, memo: '' })
    const good = world.register(alice)
    const parts = {
      proposer: founder!.address,
      beaconProof: world.beaconProof(founder!.address),
      time: 0,
      transactions: [bad, good, good],
      results: [],
      lastCommit: null,
    }
    const { block, refused } = buildBlock(world.state, parts)
    expect(block.transactions).toEqual([good])
    expect(refused.map(({ transaction, error }) => [transaction, error.code])).toEqual([
      [bad, 'BALANCE_TOO_LOW'],
      [good, 'NONCE_USED'],
    ])
    expect(block.header.time).toBe(world.state.time + 1)
    expect(applyBlock(world.state, block).state.height).toBe(1)
  })

  it('keeps within the limits on transactions and bytes, and its blocks never exceed them on the wire', () => {
    const parameters = { ...TEST_PARAMETERS, maxBlockBytes: 65_536, maxBlockTransactions: 220 }
    const world = new World({ genesis: { parameters } })
    const [founder] = world.founders
    const rich = { ...emptyAccount, balance: 1_000_000n }
    const { accounts, minted } = world.state
    const table = withWrites(accounts, new Map([[alice.address, rich]]))
    world.state = { ...world.state, accounts: table, minted: minted + rich.balance }
    const send = (memo: string): Action => ({ type: 'transfer', to: founder!.address, amount: 1n, memo })
    const short = Array.from({ length: 400 }, (_, i) => world.sign(alice, send(''), i))
    const long = Array.from({ length: 400 }, (_, i) => world.sign(alice, send('m'.repeat(64)), i))
    for (const transactions of [short, long]) {
      const block = built(world, transactions)
      expect(block.transactions.length).toBeGreaterThan(130)
      expect(block.transactions.length).toBeLessThanOrEqual(220)
      expect(blockBytes(block)).toBeLessThanOrEqual(65_536)
      expect(encode(blockCodec, block).length).toBeLessThanOrEqual(blockBytes(block))
      expect(() => applyBlock(world.state, block)).not.toThrow()
    }
    const strict = { ...world.state, parameters: { ...parameters, maxBlockTransactions: 100 } }
    expect(() => applyBlock(strict, built(world, short))).toThrow(/220 transactions are too many/)
    const narrow = { ...world.state, parameters: { ...parameters, maxBlockBytes: 20_000 } }
    expect(() => applyBlock(narrow, built(world, short))).toThrow(/larger than 20000 bytes/)
  })

  it('orders model updates by model, one for each, and no other order is valid', () => {
    const [model] = new World().genesis.models
    const world = new World({ genesis: { models: ['b', 'a', 'a-b'].map(id => ({ ...model!, id })) } })
    const settling = [...world.state.rounds].map(
      ([id, round]) => [id, { ...round, phase: 'aggregate' as const }] as const,
    )
    world.state = { ...world.state, settling: new Map(settling) }
    const { evaluation } = model!
    const update = (id: string, of = id) => ({
      type: 'model' as const,
      model: id,
      round: 1,
      parameters: digestOf(of),
      momentum: digestOf(of),
      evaluation,
    })
    const offered = [update('b'), update('a'), update('a', 'again'), update('a-b')]
    const proposer = world.founders[0]!.address
    const parts = { proposer, beaconProof: world.beaconProof(proposer), time: 0, transactions: [], lastCommit: null }
    const { block } = buildBlock(world.state, { ...parts, results: offered })
    expect(block.results).toEqual([update('a'), update('a-b'), update('b')])
    expect(() => applyBlock(world.state, block)).not.toThrow()
    const [first, second, third] = block.results
    for (const results of [
      [second!, first!, third!],
      [first!, first!, second!, third!],
    ]) {
      const header = { ...block.header, results: resultsRoot(results) }
      expect(() => applyBlock(world.state, { ...block, header, results })).toThrow(/not in order/)
    }
  })
})

function built(world: World, transactions: Block['transactions'], lastCommit = world.commit): Block {
  const proposer = world.founders[0]!.address
  const time = world.state.time + 10_000
  const beaconProof = world.beaconProof(proposer)
  return buildBlock(world.state, { proposer, beaconProof, time, transactions, results: [], lastCommit }).block
}
