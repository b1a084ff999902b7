import {
  addressOf,
  encode,
  type HydraError,
  type KeyPair,
  keyPairFromSeed,
  sha256,
  utf8,
  ZERO_HASH,
} from '@hydraai/core'
import {
  type Account,
  type Action,
  genesisState,
  type LedgerState,
  type SignedTransaction,
  signedTransactionCodec,
  signTransaction,
} from '@hydraai/ledger'
import { describe, expect, test } from 'vitest'
import { TestCommittee } from '../consensus/testing/committee.ts'
import { silentLogger } from '../ports.ts'
import { Mempool } from './mempool.ts'
import { Outbox } from './outbox.ts'

const { genesis, keys: founders } = new TestCommittee()
const { chainId } = genesis
const [alice, bob, carol] = founders as [KeyPair, KeyPair, KeyPair]

function withAccount(state: LedgerState, keys: KeyPair, change: Partial<Account>): LedgerState {
  const account = { ...state.accounts.get(keys.address)!, ...change }
  return { ...state, accounts: new Map(state.accounts).set(keys.address, account) }
}

/** The founders have no balance yet: these are given one. */
const balance = 10_000_000n
const funded = withAccount(withAccount(genesisState(genesis), alice, { balance }), bob, { balance })

const transfer = (amount: bigint): Action => ({ type: 'transfer', to: carol.address, amount, memo: '' })
const signed = (keys: KeyPair, nonce: number, action = transfer(1n)): SignedTransaction =>
  signTransaction(keys, { chainId, nonce, action })
const bytesOf = (transaction: SignedTransaction) => encode(signedTransactionCodec, transaction)

/** That state some blocks later: the history has a peak for each bit of the height. */
const at = (height: number): LedgerState => {
  const peaks = [...height.toString(2)].filter(bit => bit === '1').length
  return { ...funded, height, history: Array(peaks).fill(ZERO_HASH) }
}

/** The state in which `alice` has used her nonces below `nonce`. */
const after = (nonce: number, height = 1) => withAccount(at(height), alice, { nonce })

describe('the mempool', () => {
  test('hands out each sender in the order of nonces, whatever order they came in, senders taking turns', () => {
    const pool = new Mempool(funded)
    for (const nonce of [2, 0, 1]) pool.addTransaction(signed(alice, nonce))
    pool.addTransaction(signed(bob, 0))
    const order = pool.ordered(10).map(({ sender, nonce }) => `${addressOf(sender)} ${nonce}`)
    expect(order.filter(line => line.startsWith(alice.address))).toEqual([0, 1, 2].map(n => `${alice.address} ${n}`))
    expect(order.indexOf(`${bob.address} 0`)).toBeLessThan(2)
    expect(pool.ordered(2)).toHaveLength(2)
  })

  test('is bounded for each account, and has one place a nonce', () => {
    const pool = new Mempool(funded)
    for (let nonce = 0; nonce < 64; nonce++) pool.addTransaction(signed(alice, nonce))
    const add = (transaction: SignedTransaction) => () => pool.addTransaction(transaction)
    expect(add(signed(alice, 64))).toThrow(expect.objectContaining({ code: 'MEMPOOL_ACCOUNT_FULL' }))
    expect(add(signed(alice, 3, transfer(2n)))).toThrow(expect.objectContaining({ code: 'NONCE_TAKEN' }))
    expect(pool.size).toBe(64)
  })

  test('forgets what a block overtook and what can no longer apply; the next nonce is then that of the gap', () => {
    const pool = new Mempool(funded)
    for (const nonce of [0, 1, 2]) pool.addTransaction(signed(alice, nonce, transfer(nonce === 1 ? 9_000_000n : 1n)))
    pool.advance(withAccount(after(1), alice, { balance: 5_000_000n }))
    expect(pool.size).toBe(1)
    expect(pool.ordered(10)).toEqual([])
    expect(pool.nextNonce(alice.address)).toBe(1)
  })

  test('keeps what is early until it applies, for a few blocks, and for accounts of the chain alone', () => {
    const pool = new Mempool(funded)
    const early = bytesOf(signed(alice, 100))
    expect(() => pool.add(early)).toThrow(expect.objectContaining({ code: 'NONCE_AHEAD' }))
    expect(pool.addEarly(early)).toBe('new')
    expect(pool.addEarly(bytesOf(signed(keyPairFromSeed(sha256(utf8('stranger'))), 0)))).toBe('refused')
    pool.advance(after(100))
    expect(pool.size).toBe(1)
    const late = bytesOf(signed(alice, 300))
    pool.addEarly(late)
    for (let height = 2; height < 6; height++) pool.advance(after(101, height))
    pool.advance(after(300, 7))
    expect(pool.size).toBe(0)
  })
})

test('what follows a block that this node has not reached comes in when the one in its place can no longer apply', () => {
  const pool = new Mempool(funded)
  pool.addTransaction(signed(alice, 0, transfer(9_000_000n)))
  const next = bytesOf(signed(alice, 0, { type: 'unstake', amount: 500_000_000n }))
  const refusal = (bytes: Uint8Array) => {
    try {
      pool.add(bytes)
    } catch (error) {
      return (error as HydraError).code
    }
    return null
  }
  expect(refusal(bytesOf(signed(alice, 0, transfer(2n))))).toBe('NONCE_TAKEN')
  expect(refusal(next)).toBe('STAKE_TOO_LOW')
  expect(pool.addEarly(next)).toBe('new')
  pool.advance(withAccount(at(2), alice, { balance: 5_000_000n, stake: 600_000_000n }))
  expect(pool.ordered(10).map(({ action }) => action.type)).toEqual(['unstake'])
})

test('a dead transaction gives its place to another one without a tip', () => {
  const other = new Mempool(funded)
  const dead = signed(alice, 1, { type: 'unstake', amount: 500_000_000n })
  other.addTransaction(signed(alice, 0))
  other.addTransaction(dead)
  other.addTransaction(signed(alice, 1, transfer(2n)))
  expect(other.ordered(10).map(({ action }) => action)).toEqual([transfer(1n), transfer(2n)])
  expect(() => other.addTransaction(signed(alice, 1, transfer(3n)))).toThrow(
    expect.objectContaining({ code: 'NONCE_TAKEN' }),
  )
})

describe('the outbox', () => {
  const outboxOf = (mempool: Mempool) => new Outbox({ chainId, keys: alice, mempool, logger: silentLogger })

  test('sends a duty once while it waits, and again when it was lost', () => {
    const pool = new Mempool(funded)
    const outbox = outboxOf(pool)
    expect(outbox.sendFor('duty', transfer(1n))).toBe(true)
    expect(outbox.sendFor('duty', transfer(1n))).toBe(false)
    pool.advance(after(1))
    expect(outbox.sendFor('duty', transfer(1n))).toBe(true)
  })

  test('many that wait behind one that came to nothing all go into the next block, each once', () => {
    const pool = new Mempool(funded)
    const outbox = outboxOf(pool)
    const duties = [3n, 4n, 5n, 6n, 7n]
    const sendAll = () => duties.map(amount => outbox.sendFor(`duty ${amount}`, transfer(amount)))
    outbox.send(transfer(9_000_000n))
    sendAll()
    pool.advance(withAccount(at(1), alice, { balance: 5_000_000n }))
    // Only the last of them fills the gap, and the others stay where they are.
    sendAll()
    const [gap, ...others] = pool.ordered(10)
    expect(gap).toMatchObject({ nonce: 0, action: transfer(7n) })
    expect(others.map(({ nonce, action }) => [nonce, action])).toEqual(
      [3n, 4n, 5n, 6n].map((n, i) => [i + 1, transfer(n)]),
    )
    expect(sendAll().some(Boolean)).toBe(false)
  })

  test('a duty that waits behind a transaction that is gone is sent again, into the gap', () => {
    const pool = new Mempool(funded)
    const outbox = outboxOf(pool)
    outbox.send(transfer(9_000_000n))
    expect(outbox.sendFor('duty', transfer(2n))).toBe(true)
    pool.advance(withAccount(at(1), alice, { balance: 5_000_000n }))
    expect(outbox.sendFor('duty', transfer(2n))).toBe(true)
    expect(pool.ordered(1)[0]?.nonce).toBe(0)
    expect(outbox.sendFor('duty', transfer(2n))).toBe(false)
  })
})
