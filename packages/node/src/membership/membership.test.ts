import { type KeyPair, ZERO_HASH } from '@hydraai/core'
import { type Account, accountOf, epochOf, genesisState, type LedgerState } from '@hydraai/ledger'
import { memoryStorage, SimulatedDisk, type Storage } from '@hydraai/storage'
import { beforeEach, describe, expect, test } from 'vitest'
import { HandClock, settled, TestCommittee } from '../consensus/testing/committee.ts'
import { Journal } from '../journal.ts'
import { Mempool } from '../mempool/mempool.ts'
import { Outbox } from '../mempool/outbox.ts'
import { silentLogger } from '../ports.ts'
import { Membership } from './membership.ts'

const committee = new TestCommittee()
const { genesis } = committee
const keys = committee.keys[0] as KeyPair
const base = genesisState(genesis)
const { epochBlocks, minimumStake } = base.parameters

/** The state at a height, with this node's account changed. */
function at(height: number, change: Partial<Account> = {}, more: Partial<LedgerState> = {}): LedgerState {
  const accounts = new Map(base.accounts).set(keys.address, { ...accountOf(base, keys.address), ...change })
  const peaks = [...height.toString(2)].filter(bit => bit === '1').length
  return { ...base, height, history: Array(peaks).fill(ZERO_HASH), accounts, ...more }
}

let disk: SimulatedDisk
let running: Storage | null
beforeEach(() => {
  running = null
  disk = new SimulatedDisk({ random: { below: () => 0 } })
})

/** Starts on the disk of the node that ran before, which ends well. */
async function open(stakes = true) {
  await running?.close()
  running = memoryStorage(disk)
  let state = at(0)
  const journal = new Journal({ clock: new HandClock(), logger: silentLogger })
  const mempool = new Mempool(state)
  const outbox = new Outbox({ chainId: genesis.chainId, keys, mempool, logger: silentLogger })
  const { db } = running
  const membership = new Membership({
    ...{ keys, stakes, outbox, db, journal, logger: silentLogger },
    state: () => state,
  })
  await membership.load()
  const see = (next: LedgerState) => {
    state = next
    mempool.advance(state)
    membership.onState(state)
    return mempool.ordered(10).map(({ action }) => action)
  }
  const lines = () => journal.recent(10).map(({ text }) => text)
  return { membership, see, lines, mempool }
}

describe('a node with a stake', () => {
  test('shows its presence once an epoch, and only while nothing else shows it', async () => {
    const { see } = await open()
    expect(see(at(epochBlocks - 2))).toEqual([])
    expect(see(at(epochBlocks - 1))).toEqual([{ type: 'presence' }])
    expect(see(at(epochBlocks))).toEqual([{ type: 'presence' }])
    expect(see(at(epochBlocks + 1, { lastActive: epochBlocks + 1, nonce: 1 }))).toEqual([])
    expect(see(at(3 * epochBlocks, { lastActive: 3 * epochBlocks - 1, nonce: 1 }))).toEqual([])
  })

  test('says in plain words when it begins and ceases to decide blocks, and why', async () => {
    const { see, lines } = await open()
    const others = base.committee.filter(({ address }) => address !== keys.address)
    see(at(1))
    expect(lines()).toEqual([])
    see(at(epochBlocks, { lastActive: epochBlocks, restsUntil: 5 }, { committee: others }))
    expect(lines()).toEqual([expect.stringContaining('it missed a turn to propose and may rest until epoch 5')])
    see(at(2 * epochBlocks, { lastActive: 2 * epochBlocks }))
    expect(lines()[1]).toBe('This node decides blocks in epoch 3: it was drawn, with 25 % of the votes')
    see(at(2 * epochBlocks + 1, { lastActive: 2 * epochBlocks, slashed: true, stake: 0n }, { committee: others }))
    expect(lines()[2]).toContain('lost for breaking the rules')
  })

  test('tells where it stands', async () => {
    const { membership, see } = await open()
    const unbonding = { account: keys.address, amount: 5n, releaseAt: 900 }
    see(at(epochBlocks, { lastActive: 50, restsUntil: 4 }, { unbondings: new Map([['key', unbonding]]) }))
    const { power } = base.committee.find(({ address }) => address === keys.address)!
    expect(membership.status).toEqual({
      stake: 10_000_000n,
      unbonding: [{ amount: 5n, releaseAt: 900 }],
      inCommittee: true,
      power,
      restsUntil: 4,
      dormant: false,
      slashed: false,
      epoch: epochOf(base.parameters, epochBlocks + 1),
      nextEpochAt: 2 * epochBlocks + 1,
    })
    see(at(200, { lastActive: 50 }))
    expect(membership.status.dormant).toBe(true)
  })

  test('takes back what it may, and refuses the rest before anything is signed', async () => {
    const { membership, see, mempool } = await open()
    see(at(1))
    expect(() => membership.unstake(9_500_000n)).toThrow(expect.objectContaining({ code: 'STAKE_TOO_LOW' }))
    expect(() => membership.stake(1n)).toThrow(expect.objectContaining({ code: 'BALANCE_TOO_LOW' }))
    expect(mempool.size).toBe(0)
    expect(mempool.get(membership.unstake(10_000_000n))!.action).toEqual({ type: 'unstake', amount: 10_000_000n })
  })
})

describe('a node without a stake', () => {
  const earned = { stake: 0n, registered: true, balance: 2_000_000n }

  test('bonds the least stake once it has earned it, if its owner lets it', async () => {
    expect((await open()).see(at(1, { ...earned, balance: minimumStake }))).toEqual([])
    expect((await open()).see(at(1, earned))).toEqual([{ type: 'stake', amount: minimumStake }])
    expect((await open(false)).see(at(1, earned))).toEqual([])
  })

  test('whose owner took the stake back does not bond it again, not even after a restart', async () => {
    const before = await open()
    before.see(at(1))
    const unbonding = { account: keys.address, amount: 10_000_000n, releaseAt: 10 }
    expect(before.see(at(2, earned, { unbondings: new Map([['key', unbonding]]) }))).toEqual([])
    await settled()
    const after = await open()
    expect(after.see(at(11, earned))).toEqual([])
    // Staked by hand once more, and then lost to nothing but time: it is as at first.
    after.see(at(12, { ...earned, stake: minimumStake, lastActive: 12 }))
    expect(after.see(at(13, earned))).toEqual([{ type: 'stake', amount: minimumStake }])
  })
})
