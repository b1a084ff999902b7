import { type Commit, commitCodec } from '@hydraai/consensus'
import { type Codec, encode, type Hash, list, merkleRoot, nullable, struct, taggedHash, ZERO_HASH } from '@hydraai/core'
import { eventCodec, type LedgerEvent } from '../events.ts'
import { MAX_BLOCK_TRANSACTIONS, MAX_MODELS } from '../genesis/parameters.ts'
import { type ComputedResult, MAX_RULINGS, resultCodec } from '../rounds/result.ts'
import type { LedgerState } from '../state/types.ts'
import { type SignedTransaction, signedTransactionCodec, transactionBytes } from '../transactions/transaction.ts'
import { type Header, type HeaderModel, headerCodec } from './header.ts'

export interface Block {
  readonly header: Header
  readonly transactions: readonly SignedTransaction[]
  /** In the order of `compareResults`, no two of a kind about the same. */
  readonly results: readonly ComputedResult[]
  /** The commit of the block before; null in block 1. */
  readonly lastCommit: Commit | null
}

export const blockCodec: Codec<Block> = struct({
  header: headerCodec,
  transactions: list(signedTransactionCodec, { max: MAX_BLOCK_TRANSACTIONS }),
  results: list(resultCodec, { max: 2 * MAX_MODELS + MAX_RULINGS }),
  lastCommit: nullable(commitCodec),
})

export function commitHash(commit: Commit | null): Hash {
  return commit === null ? ZERO_HASH : taggedHash('hydra/commit/1', encode(commitCodec, commit))
}

export function transactionsRoot(transactions: readonly SignedTransaction[]): Hash {
  return merkleRoot(transactions.map(transactionBytes))
}

export function resultsRoot(results: readonly ComputedResult[]): Hash {
  return merkleRoot(results.map(result => encode(resultCodec, result)))
}

export function eventsRoot(events: readonly LedgerEvent[]): Hash {
  return merkleRoot(events.map(event => encode(eventCodec, event)))
}

export function headerModels(state: LedgerState): HeaderModel[] {
  return [...state.models.values()].map(({ id, version, parameters }) => ({ id, version, parameters }))
}

/** Room for the header, most of which are its models, and for what dag-cbor puts around the parts of a block. */
const FRAME_BYTES = 4096 + MAX_MODELS * 160

/** Upper bound of the encoding of a block with these parts: what the limit on a block's size is measured in. */
export function blockBytes(parts: Pick<Block, 'transactions' | 'results' | 'lastCommit'>): number {
  let size = FRAME_BYTES
  if (parts.lastCommit !== null) size += encode(commitCodec, parts.lastCommit).length
  for (const result of parts.results) size += encode(resultCodec, result).length
  for (const transaction of parts.transactions) size += transactionBytes(transaction).length
  return size
}
