import {
  type Address,
  address,
  bytes,
  type Codec,
  decode,
  type Hash,
  HydraError,
  hash,
  list,
  struct,
  uint,
  verifyMerkleProof,
} from '@hydraai/core'
import type { Header } from '../blocks/header.ts'
import { LedgerError } from '../errors.ts'
import { accountCodec } from '../state/codec.ts'
import { entriesOf, entryKey } from '../state/entries.ts'
import { rootPath } from '../state/root.ts'
import type { Account, LedgerState } from '../state/types.ts'

/** One entry of the state with its way to the root. */
export interface EntryProof {
  /** Place among the entries, which are in order of their keys. */
  readonly index: number
  /** As it stands under the root: lengths, key and value. */
  readonly bytes: Uint8Array
  /** RFC 6962, from the entry's sibling upwards. */
  readonly path: readonly Hash[]
}

/**
 * What a state says of an account: its entry; or, when it has none, the entries between which it would stand (one alone
 * at either end), whose neighbourhood shows that there is nothing between.
 */
export interface AccountProof {
  readonly address: Address
  /** Entries in the state. */
  readonly count: number
  readonly entries: readonly EntryProof[]
}

const MAX_ENTRY_BYTES = 1_048_576
const MAX_PATH = 53

export const accountProofCodec: Codec<AccountProof> = struct({
  address,
  count: uint,
  entries: list<EntryProof>(
    struct({ index: uint, bytes: bytes({ max: MAX_ENTRY_BYTES }), path: list(hash, { max: MAX_PATH }) }),
    { max: 2 },
  ),
})

/** Proof of the account, or of its absence, under the state root of the block that led to `state`. */
export function proveAccount(state: LedgerState, address: Address): AccountProof {
  const entries = entriesOf(state)
  const key = entryKey.account(address)
  let low = 0
  let high = entries.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (entries[middle]!.key < key) low = middle + 1
    else high = middle
  }
  const places = entries[low]?.key === key ? [low] : [low - 1, low].filter(i => i >= 0 && i < entries.length)
  const proofs = places.map(index => ({ index, bytes: entries[index]!.bytes, path: rootPath(state, index) }))
  return { address, count: entries.length, entries: proofs }
}

/**
 * The account as it was after that block; null: it was not there. `header` must be believed.
 * @throws LedgerError PROOF_INVALID
 */
export function verifyAccount(header: Header, proof: AccountProof): Account | null {
  const { address, count, entries } = proof
  for (const { index, bytes: leaf, path } of entries) {
    if (!verifyMerkleProof({ root: header.state, leaf, index, count, proof: path })) {
      refuse(`entry ${index} is not in the state of block ${header.height}`)
    }
  }
  const wanted = entryKey.account(address)
  const [first, second] = entries.map(entry => ({ index: entry.index, ...keyAndValue(entry.bytes) }))
  if (first === undefined || entries.length > 2) refuse('it shows no entry or too many')
  if (second === undefined && first.key === wanted) return accountOfValue(first.value)
  // The place of a leaf is in the directions of its path, which a proof cannot lie about, so neighbours are neighbours.
  const isBetween =
    second === undefined
      ? (first.index === 0 && wanted < first.key) || (first.index === count - 1 && first.key < wanted)
      : second.index === first.index + 1 && first.key < wanted && wanted < second.key
  if (!isBetween) refuse(`it does not show what the state of block ${header.height} says of ${address}`)
  return null
}

function accountOfValue(value: Uint8Array): Account {
  try {
    return decode(accountCodec, value)
  } catch (cause) {
    if (cause instanceof HydraError) refuse('its entry is no account')
    throw cause
  }
}

/** The parts of an entry: u32be(length of key) ‖ key ‖ u32be(length of value) ‖ value. */
function keyAndValue(entry: Uint8Array): { key: string; value: Uint8Array } {
  const view = new DataView(entry.buffer, entry.byteOffset, entry.byteLength)
  const keyLength = entry.length < 4 ? -1 : view.getUint32(0)
  if (keyLength < 0 || keyLength + 8 > entry.length) refuse('an entry is cut off')
  const valueLength = view.getUint32(4 + keyLength)
  if (8 + keyLength + valueLength !== entry.length) refuse('an entry is cut off')
  const key = String.fromCharCode(...entry.subarray(4, 4 + Math.min(keyLength, 256)))
  return { key, value: entry.subarray(8 + keyLength) }
}

function refuse(problem: string): never {
  throw new LedgerError('PROOF_INVALID', `the proof does not hold: ${problem}`)
}
