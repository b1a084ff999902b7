import {
  type Commit,
  type Committee,
  commitCodec,
  committeeCodec,
  committeeHash,
  makeCommittee,
} from '@hydraai/consensus'
import { decode, encode, type Hash } from '@hydraai/core'
import {
  type Block,
  blockCodec,
  committeeOf,
  eventsCodec,
  type LedgerEvent,
  type LedgerState,
  transactionId,
} from '@hydraai/ledger'
import type { StoredBlock } from '@hydraai/storage'

// How the chain's parts are written in the block store, and under which names they are looked up.

/** A final block with what it led to; `raw` are its bytes and its commit's, if it came as such. */
export interface FinalBlock {
  readonly block: Block
  readonly hash: Hash
  readonly commit: Commit
  readonly events: readonly LedgerEvent[]
  readonly raw?: { readonly block: Uint8Array; readonly commit: Uint8Array } | undefined
}

export function transactionKey(id: Hash): string {
  return `transaction/${id}`
}

export function committeeKey(hash: Hash): string {
  return `committee/${hash}`
}

/** A block as the store takes it. `before` is the state that it was applied to, `after` the one that it led to. */
export function storedBlock(
  { block, hash, commit, events, raw }: FinalBlock,
  before: LedgerState | null,
  after: LedgerState,
): StoredBlock {
  const { height } = block.header
  const where = heightBytes(height)
  return {
    height,
    hash,
    block: raw?.block ?? encode(blockCodec, block),
    commit: raw?.commit ?? encode(commitCodec, commit),
    events: encode(eventsCodec, [...events]),
    index: [
      ...block.transactions.map(transaction => [transactionKey(transactionId(transaction)), where] as const),
      ...newCommittees(before, after),
    ],
  }
}

/** The index keys that go with a stored block. Committees stay: a later block may have the same one. */
export function indexKeysOf(block: Uint8Array): string[] {
  return decode(blockCodec, block).transactions.map(transaction => transactionKey(transactionId(transaction)))
}

export function heightBytes(height: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, height)
  return bytes
}

export function heightOfBytes(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
}

/** Committees by their hash, as headers name them. With no state before, that which decided this block too. */
function newCommittees(before: LedgerState | null, after: LedgerState): (readonly [string, Uint8Array])[] {
  if (before !== null && before.height > 0 && before.committee === after.committee) return []
  const entries = [committeeEntry(committeeOf(after))]
  if (before === null || before.height === 0) entries.push(committeeEntry(makeCommittee(after.lastCommittee)))
  return entries
}

function committeeEntry(committee: Committee): readonly [string, Uint8Array] {
  return [committeeKey(committeeHash(committee)), encode(committeeCodec, committee)]
}
