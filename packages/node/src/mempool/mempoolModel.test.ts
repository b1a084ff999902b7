import { addressOf, encode, HydraError, type KeyPair, keyPairFromSeed, sha256, utf8, ZERO_HASH } from '@hydraai/core'
import {
  type Account,
  accountOf,
  genesisState,
  type LedgerState,
  signedTransactionCodec,
  signTransaction,
} from '@hydraai/ledger'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TestCommittee } from '../consensus/testing/committee.ts'
import { IndexedHeap } from './indexedHeap.ts'
import { leastReplacement, Mempool } from './mempool.ts'
import { type Entry, NaiveMempool } from './testing/naiveMempool.ts'

const SENDERS = 4
const LIMITS = { maxCount: 7, maxCountPerAccount: 4 }
const { genesis, keys: founders } = new TestCommittee()
const keys: KeyPair[] = Array.from({ length: SENDERS }, (_, i) => keyPairFromSeed(sha256(utf8(`sender ${i}`))))
const base = genesisState(genesis)

function stateAt(height: number, nonces: readonly number[], before: LedgerState): LedgerState {
  const accounts = new Map(before.accounts)
  keys.forEach(({ address, publicKey }, i) => {
    const known = accountOf(before, address)
    const account: Account = { ...known, publicKey, nonce: nonces[i]!, balance: 10_000_000n }
    if (known.nonce !== account.nonce || known.balance !== account.balance) accounts.set(address, account)
  })
  const peaks = [...height.toString(2)].filter(bit => bit === '1').length
  return { ...before, height, accounts, history: Array(peaks).fill(ZERO_HASH) }
}

const made = new Map<string, Uint8Array>()

/** Signed once, however often it is sent. */
function transaction(sender: number, nonce: number, tip: bigint): Uint8Array {
  const key = `${sender}/${nonce}/${tip}`
  const known = made.get(key)
  if (known) return known
  const action = { type: 'transfer' as const, to: founders[0]!.address, amount: 1n, memo: '' }
  const bytes = encode(
    signedTransactionCodec,
    signTransaction(keys[sender]!, { chainId: genesis.chainId, nonce, tip, action }),
  )
  made.set(key, bytes)
  return bytes
}

function outcome(pool: Mempool, bytes: Uint8Array): string {
  try {
    pool.add(bytes)
    return 'taken'
  } catch (error) {
    return error instanceof HydraError ? error.code : String(error)
  }
}

const sender = fc.nat(SENDERS - 1)
const tip = fc.constantFrom(0n, 1_000n, 2_000n, 11_000n)
const command = fc.oneof(
  { weight: 8, arbitrary: fc.record({ type: fc.constant('add' as const), sender, nonce: fc.nat(6), tip }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('block' as const), takes: fc.nat(4) }) },
)

const named = ({ sender, nonce, tip }: Pick<Entry, 'sender' | 'nonce' | 'tip'>) => `${sender}/${nonce}/${tip}`

test('takes, refuses, evicts and orders as the rules say, whatever comes', () => {
  fc.assert(
    fc.property(fc.array(command, { minLength: 1, maxLength: 60 }), commands => {
      const model = new NaiveMempool(SENDERS, LIMITS)
      let state = stateAt(1, model.nonces, base)
      const pool = new Mempool(state, LIMITS)
      for (const one of commands) {
        if (one.type === 'add') {
          const { nonce } = one
          const said = outcome(pool, transaction(one.sender, nonce, one.tip))
          const isHeld = model.of(one.sender).some(entry => named(entry) === named(one))
          const expected = isHeld ? 'taken' : model.add(one.sender, nonce, one.tip)
          // A full pool need not say that the nonce is too far ahead as well, and what was refused for that before is so again.
          const isEither = ['NONCE_AHEAD MEMPOOL_FULL', 'MEMPOOL_ACCOUNT_FULL NONCE_AHEAD'].includes(
            `${expected} ${said}`,
          )
          if (!isEither) expect(said).toBe(expected)
        } else {
          const taken = model.ordered(one.takes)
          for (const entry of taken) model.include(entry.sender, 1)
          state = stateAt(state.height + 1, model.nonces, state)
          pool.advance(state)
        }
        const order = pool.ordered(5).map(({ sender, nonce, tip }) => {
          const index = keys.findIndex(({ address }) => address === addressOf(sender))
          return named({ sender: index, nonce, tip })
        })
        expect(order).toEqual(model.ordered(5).map(named))
        const held = pool.ids().map(id => {
          const { sender, nonce, tip } = pool.get(id)!
          return named({ sender: keys.findIndex(({ publicKey }) => publicKey === sender), nonce, tip })
        })
        expect(held.sort()).toEqual(model.entries.map(named).sort())
        expect(pool.bytes).toBe(
          model.entries.reduce((sum, { sender, nonce, tip }) => sum + transaction(sender, nonce, tip).length, 0),
        )
        for (const [i, { address }] of keys.entries())
          expect(pool.nextNonce(address)).toBe(model.nonces[i]! + model.readyOf(i).length)
      }
    }),
    { numRuns: 150 },
  )
})

test('a replacement costs a tenth and a thousand micro more at least', () => {
  expect([0n, 1_000n, 10_000n, 10_001n, 1_000_000n].map(leastReplacement)).toEqual([
    1_000n,
    2_000n,
    11_000n,
    11_002n,
    1_100_000n,
  ])
})

test('tips that an account cannot pay drive nobody out', () => {
  const state = stateAt(1, [0, 0, 0, 0], base)
  const pool = new Mempool(state, { maxCount: 4 })
  for (const [i] of keys.entries()) pool.add(transaction(i, 0, i === 0 ? 5_000_000n : 0n))
  expect(outcome(pool, transaction(0, 1, 5_000_000n))).toBe('BALANCE_TOO_LOW')
  expect(keys.map(({ address }) => pool.nextNonce(address))).toEqual([1, 1, 1, 1])
  expect(outcome(pool, transaction(0, 1, 4_999_998n))).toBe('taken')
  expect(keys.map(({ address }) => pool.nextNonce(address))).toEqual([2, 1, 1, 0])
})

test('the bytes of all and of one account are bounded', () => {
  const state = stateAt(1, [0, 0, 0, 0], base)
  const { length } = transaction(0, 0, 0n)
  const narrow = new Mempool(state, { maxBytesPerAccount: 2 * length + 20 })
  for (const nonce of [0, 1]) narrow.add(transaction(0, nonce, 0n))
  expect(outcome(narrow, transaction(0, 2, 0n))).toBe('MEMPOOL_ACCOUNT_FULL')
  const small = new Mempool(state, { maxBytes: 3 * length + 20 })
  for (const nonce of [0, 1, 2]) small.add(transaction(0, nonce, 0n))
  expect(outcome(small, transaction(1, 0, 0n))).toBe('taken')
  expect(small.nextNonce(keys[0]!.address)).toBe(2)
  expect(small.bytes).toBeLessThanOrEqual(3 * length + 20)
})

test('a heap gives the first at any time, whatever has been put in, moved and taken out', () => {
  const items = fc.array(fc.record({ rank: fc.nat(20), id: fc.nat() }), { maxLength: 40 })
  fc.assert(
    fc.property(items, fc.array(fc.tuple(fc.nat(60), fc.nat(20), fc.boolean())), (start, moves) => {
      const live = start.map((item, i) => ({ ...item, id: i }))
      const heap = new IndexedHeap<{ rank: number; id: number }>(
        (a, b) => a.rank < b.rank || (a.rank === b.rank && a.id < b.id),
        live,
      )
      let fresh = live.length
      for (const [at, rank, out] of moves) {
        const item = live[at % Math.max(1, live.length)]
        if (item && out) {
          heap.remove(item)
          live.splice(live.indexOf(item), 1)
        } else if (item) {
          item.rank = rank
          heap.place(item)
        } else {
          live.push({ rank, id: fresh++ })
          heap.place(live.at(-1)!)
        }
        expect(heap.size).toBe(live.length)
        expect(heap.first).toBe([...live].sort((a, b) => a.rank - b.rank || a.id - b.id)[0])
      }
    }),
  )
})
