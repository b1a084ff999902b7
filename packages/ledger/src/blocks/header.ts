import {
  type Address,
  address,
  type Codec,
  encode,
  type Hash,
  hash,
  list,
  struct,
  taggedHash,
  text,
  uint,
  type VrfProof,
  vrfProof,
} from '@hydraai/core'
import { modelIdField } from '../genesis/modelId.ts'
import { MAX_MODELS } from '../genesis/parameters.ts'

/** What validators sign, by its hash. Everything else of the block is under it. */
export interface Header {
  readonly chainId: string
  readonly height: number
  /** Ms since the epoch, later than the parent's. */
  readonly time: number
  readonly proposer: Address
  /** The proposer's, over `beaconAlpha` of the state before: its output makes the beacon of this block. */
  readonly beaconProof: VrfProof
  /** Hash of the block before; the genesis hash for block 1. */
  readonly parent: Hash
  /** Hash of the parent's commit; zeros for block 1. */
  readonly lastCommit: Hash
  /** Merkle root of the transactions' encodings. */
  readonly transactions: Hash
  /** Merkle root of the model updates' encodings. */
  readonly results: Hash
  /** Merkle root of the encodings of this block's events, in the order in which they happened. */
  readonly events: Hash
  /** Every model after this block, by id. */
  readonly models: readonly HeaderModel[]
  /** State root after this block. */
  readonly state: Hash
  /** Hash of the committee that decides this block. */
  readonly committee: Hash
  /** Hash of the committee that decides the next block. */
  readonly nextCommittee: Hash
}

export interface HeaderModel {
  readonly id: string
  readonly version: number
  readonly parameters: Hash
}

export const headerCodec: Codec<Header> = struct({
  chainId: text({ maxBytes: 14 }),
  height: uint,
  time: uint,
  proposer: address,
  beaconProof: vrfProof,
  parent: hash,
  lastCommit: hash,
  transactions: hash,
  results: hash,
  events: hash,
  models: list(struct({ id: modelIdField, version: uint, parameters: hash }), { max: MAX_MODELS }),
  state: hash,
  committee: hash,
  nextCommittee: hash,
})

/** The value that consensus decides on. */
export function blockHash(header: Header): Hash {
  return taggedHash('hydra/block/1', encode(headerCodec, header))
}
