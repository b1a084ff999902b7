import { type Commit, commitCodec } from '@hydraai/consensus'
import {
  type Address,
  address,
  type Codec,
  encode,
  type Hash,
  hash,
  list,
  merkleRoot,
  nullable,
  struct,
  taggedHash,
  text,
  uint,
  ZERO_HASH,
} from '@hydraai/core'
import { modelIdField } from '../genesis/modelId.ts'
import { MAX_BLOCK_TRANSACTIONS, MAX_MODELS } from '../genesis/parameters.ts'
import { type ModelUpdate, modelUpdateCodec } from '../rounds/aggregate.ts'
import type { LedgerState } from '../state/types.ts'
import { type SignedTransaction, signedTransactionCodec, transactionBytes } from '../transactions/transaction.ts'

/** What validators sign, by its hash. Everything else of the block is under it. */
export interface Header {
  readonly chainId: string
  readonly height: number
  /** Ms since the epoch, later than the parent's. */
  readonly time: number
  readonly proposer: Address
  /** Hash of the block before; the genesis hash for block 1. */
  readonly parent: Hash
  /** Hash of the parent's commit; zeros for block 1. */
  readonly lastCommit: Hash
  /** Merkle root of the transactions' encodings. */
  readonly transactions: Hash
  /** Merkle root of the model updates' encodings. */
  readonly modelUpdates: Hash
  /** Every model after this block, by id. */
  readonly models: readonly HeaderModel[]
  /** State root after this block. */
  readonly state: Hash
  /** Hash of the committee that decides this block. */
  readonly committee: Hash
}

export interface HeaderModel {
  readonly id: string
  readonly version: number
  readonly parameters: Hash
}

export interface Block {
  readonly header: Header
  readonly transactions: readonly SignedTransaction[]
  /** By model id, at most one for each model. */
  readonly modelUpdates: readonly ModelUpdate[]
  /** The commit of the block before; null in block 1. */
  readonly lastCommit: Commit | null
}

export const headerCodec: Codec<Header> = struct({
  chainId: text({ maxBytes: 14 }),
  height: uint,
  time: uint,
  proposer: address,
  parent: hash,
  lastCommit: hash,
  transactions: hash,
  modelUpdates: hash,
  models: list(struct({ id: modelIdField, version: uint, parameters: hash }), { max: MAX_MODELS }),
  state: hash,
  committee: hash,
})

export const blockCodec: Codec<Block> = struct({
  header: headerCodec,
  transactions: list(signedTransactionCodec, { max: MAX_BLOCK_TRANSACTIONS }),
  modelUpdates: list(modelUpdateCodec, { max: MAX_MODELS }),
  lastCommit: nullable(commitCodec),
})

/** The value that consensus decides on. */
export function blockHash(header: Header): Hash {
  return taggedHash('hydra/block/1', encode(headerCodec, header))
}

export function commitHash(commit: Commit | null): Hash {
  return commit === null ? ZERO_HASH : taggedHash('hydra/commit/1', encode(commitCodec, commit))
}

export function transactionsRoot(transactions: readonly SignedTransaction[]): Hash {
  return merkleRoot(transactions.map(transactionBytes))
}

export function modelUpdatesRoot(updates: readonly ModelUpdate[]): Hash {
  return merkleRoot(updates.map(update => encode(modelUpdateCodec, update)))
}

export function headerModels(state: LedgerState): HeaderModel[] {
  return [...state.models.values()].map(({ id, version, parameters }) => ({ id, version, parameters }))
}

/** Room for the header, most of which are its models, and for what dag-cbor puts around the parts of a block. */
const FRAME_BYTES = 4096 + MAX_MODELS * 160

/** Upper bound of the encoding of a block with these parts: what the limit on a block's size is measured in. */
export function blockBytes(parts: Pick<Block, 'transactions' | 'modelUpdates' | 'lastCommit'>): number {
  let size = FRAME_BYTES
  if (parts.lastCommit !== null) size += encode(commitCodec, parts.lastCommit).length
  for (const update of parts.modelUpdates) size += encode(modelUpdateCodec, update).length
  for (const transaction of parts.transactions) size += transactionBytes(transaction).length
  return size
}
