import { type Address, type Codec, encode, sha256 } from '@hydraai/core'
import {
  accountCodec,
  type ChainEntry,
  type CommitteeEntry,
  chainCodec,
  committeeEntryCodec,
  disputeCodec,
  type HeadEntry,
  headCodec,
  modelCodec,
  residualCodec,
  roundCodec,
  unbondingCodec,
  updateCodec,
} from './codec.ts'
import type { Origin } from './origin.ts'
import { compareKeys } from './sortedTable.ts'
import type { Account, LedgerState, Update } from './types.ts'

/** One line of the state: what the root is over and a snapshot is made of. */
export interface Entry {
  readonly key: string
  /** u32be(length of key) ‖ key ‖ u32be(length of value) ‖ value in canonical dag-cbor. */
  readonly bytes: Uint8Array
  /** RFC 6962: sha256(0x00 ‖ bytes). */
  readonly leaf: Uint8Array
}

// Values of the state are never changed once made, so an entry is good for as long as its value is the same object. The
// key is compared too, because nothing forbids one object to stand in two places.
const cache = new WeakMap<object, Entry>()

function entryOf<T extends object>(key: string, codec: Codec<T>, value: T): Entry {
  const cached = cache.get(value)
  if (cached?.key === key) return cached
  const leaf = leafOf(key, encode(codec, value))
  const entry = { key, bytes: leaf.subarray(1), leaf: sha256(leaf) }
  cache.set(value, entry)
  return entry
}

/** 0x00, then the entry's bytes: what is hashed and what is kept share one buffer. Keys are ASCII. */
function leafOf(key: string, value: Uint8Array): Uint8Array {
  const leaf = new Uint8Array(1 + 4 + key.length + 4 + value.length)
  const view = new DataView(leaf.buffer)
  view.setUint32(1, key.length)
  for (let i = 0; i < key.length; i++) leaf[5 + i] = key.charCodeAt(i)
  view.setUint32(5 + key.length, value.length)
  leaf.set(value, 9 + key.length)
  return leaf
}

const chainEntries = new WeakMap<object, ChainEntry>()

/** The constant part is wrapped once for each parameters object, so that the entry's cache finds it again. */
function chainEntryOf(state: LedgerState): ChainEntry {
  let entry = chainEntries.get(state.parameters)
  if (entry === undefined || entry.genesis !== state.genesis) {
    const { chainId, genesis, parameters, founders } = state
    entry = { chainId, genesis, parameters, founders }
    chainEntries.set(state.parameters, entry)
  }
  return entry
}

function headEntryOf(state: LedgerState): HeadEntry {
  const { height, time, beacon, proposer, totalDrawPower, minted, burnt, history } = state
  return { height, time, beacon, proposer, totalDrawPower, minted, burnt, history }
}

const committeeEntries = new WeakMap<object, CommitteeEntry>()

/** Wrapped once for as long as both committees stay the same, which is most of an epoch. */
function committeeEntryOf({ committee: next, lastCommittee: last }: LedgerState): CommitteeEntry {
  let entry = committeeEntries.get(next)
  if (entry === undefined || entry.last !== last) {
    entry = { next, last }
    committeeEntries.set(next, entry)
  }
  return entry
}

/**
 * Keys of the entries. A space parts the words: it sorts before every character that a word can hold, so walking the
 * sorted tables one after another gives the keys in ascending order.
 */
export const entryKey = {
  account: (address: string) => `account ${address}`,
  chain: 'chain',
  committee: 'committee',
  dispute: (key: string) => `dispute ${key}`,
  head: 'head',
  model: (id: string) => `model ${id}`,
  residual: (key: string) => `residual ${key}`,
  round: (model: string) => `round ${model}`,
  settling: (model: string) => `settling ${model}`,
  settlingUpdate: (model: string, update: UpdatePlace) => `settling-update ${model} ${placeKey(update)}`,
  unbonding: (key: string) => `unbonding ${key}`,
  update: (model: string, update: UpdatePlace) => `update ${model} ${placeKey(update)}`,
}

type UpdatePlace = Pick<Update, 'trainer' | 'unit'>

function placeKey({ trainer, unit }: UpdatePlace): string {
  return `${trainer} ${String(unit).padStart(5, '0')}`
}

interface Listed {
  readonly accounts: readonly Entry[]
  readonly all: readonly Entry[]
}

const lists = new WeakMap<LedgerState, Listed>()

/**
 * Every entry of the state in ascending order of keys. The block hash is none: it covers the root. With its origin, the
 * accounts that were not written are not looked at.
 */
export function entriesOf(state: LedgerState, origin?: Origin): readonly Entry[] {
  let listed = lists.get(state)
  if (listed === undefined) {
    const before = origin && lists.get(origin.parent)
    const accounts = before ? patched(before.accounts, origin.accounts) : listAccounts(state)
    listed = { accounts, all: accounts.concat(listOthers(state)) }
    lists.set(state, listed)
  }
  return listed.all
}

/** `sealed` differs from `state` only in what no entry holds. */
export function shareEntries(state: LedgerState, sealed: LedgerState): void {
  const listed = lists.get(state)
  if (listed !== undefined) lists.set(sealed, listed)
}

function accountEntry([address, account]: [Address, Account]): Entry {
  return entryOf(entryKey.account(address), accountCodec, account)
}

function listAccounts(state: LedgerState): Entry[] {
  return Array.from(state.accounts, accountEntry)
}

/** The entries of accounts with the written ones in their places. No account is ever taken away. */
function patched(before: readonly Entry[], writes: Origin['accounts']): Entry[] {
  const entries = [...before]
  const added: Entry[] = []
  for (const [address, account] of writes) {
    const entry = accountEntry([address, account!])
    const at = placeOf(before, entry.key)
    if (before[at]?.key === entry.key) entries[at] = entry
    else added.push(entry)
  }
  if (added.length === 0) return entries
  added.sort((a, b) => compareKeys(a.key, b.key))
  const merged: Entry[] = []
  let next = 0
  for (const entry of entries) {
    while (next < added.length && added[next]!.key < entry.key) merged.push(added[next++]!)
    merged.push(entry)
  }
  return merged.concat(added.slice(next))
}

/** Index of the first entry whose key is not before `key`. */
function placeOf(entries: readonly Entry[], key: string): number {
  let low = 0
  let high = entries.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (entries[middle]!.key < key) low = middle + 1
    else high = middle
  }
  return low
}

function listOthers(state: LedgerState): Entry[] {
  const entries = [
    entryOf(entryKey.chain, chainCodec, chainEntryOf(state)),
    entryOf(entryKey.committee, committeeEntryCodec, committeeEntryOf(state)),
  ]
  for (const [key, dispute] of state.disputes) entries.push(entryOf(entryKey.dispute(key), disputeCodec, dispute))
  entries.push(entryOf(entryKey.head, headCodec, headEntryOf(state)))
  for (const [id, model] of state.models) entries.push(entryOf(entryKey.model(id), modelCodec, model))
  for (const [key, residual] of state.residuals) entries.push(entryOf(entryKey.residual(key), residualCodec, residual))
  for (const [id, round] of state.rounds) entries.push(entryOf(entryKey.round(id), roundCodec, round))
  for (const [id, round] of state.settling) entries.push(entryOf(entryKey.settling(id), roundCodec, round))
  for (const [id, round] of state.settling) {
    for (const update of round.updates) entries.push(entryOf(entryKey.settlingUpdate(id, update), updateCodec, update))
  }
  for (const [key, unbonding] of state.unbondings)
    entries.push(entryOf(entryKey.unbonding(key), unbondingCodec, unbonding))
  for (const [id, round] of state.rounds) {
    for (const update of round.updates) entries.push(entryOf(entryKey.update(id, update), updateCodec, update))
  }
  return entries
}
