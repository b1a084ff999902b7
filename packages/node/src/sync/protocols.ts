import { address, bytes, hash, type Infer, list, nullable, struct, text, uint, uintMax } from '@hydraai/core'
import { lightBlockCodec, MAX_BLOCK_BYTES, MAX_TRANSACTION_BYTES } from '@hydraai/ledger'
import { snapshotCodec } from '../chain/snapshots.ts'

/** What two nodes tell each other on meeting and every few seconds after. */
export const statusCodec = struct({
  chainId: text({ maxBytes: 64 }),
  genesis: hash,
  engine: hash,
  height: uint,
  hash,
  /** The first block from which on it holds all. */
  lowest: uint,
  name: text({ maxBytes: 32 }),
  address,
  activity: text({ maxBytes: 16 }),
  /** The models it answers questions with. */
  serves: list(text({ maxBytes: 32 }), { max: 64 }),
})
export type Status = Infer<typeof statusCodec>

export const MAX_STATUS_BYTES = 4_096

export const blocksRequestCodec = struct({ from: uint, count: uintMax(100) })
/** An encoded block and its encoded commit. */
const blockEntryCodec = struct({ block: bytes({ max: MAX_BLOCK_BYTES }), commit: bytes({ max: 65_536 }) })
export type BlockEntry = Infer<typeof blockEntryCodec>
export const blocksResponseCodec = list(blockEntryCodec, { max: 100 })
/** An answer ends with the block that passes this. */
export const BLOCKS_RESPONSE_BYTES = 4 * 1024 * 1024
export const MAX_BLOCKS_RESPONSE_BYTES = BLOCKS_RESPONSE_BYTES + MAX_BLOCK_BYTES + 131_072

/** A height; answered with its light block, or null. */
export const lightRequestCodec = uint
export const lightResponseCodec = nullable(lightBlockCodec)
/** A header with all models that a chain may have, two committees and a commit of the largest size. */
export const MAX_LIGHT_BYTES = 262_144

/** Null asks which snapshots there are; a height asks for the block of one. */
export const snapshotsRequestCodec = nullable(uint)
export const snapshotsResponseCodec = struct({
  offers: list(snapshotCodec, { max: 4 }),
  /** An encoded block with its events, which a chain can go on from without those before it. */
  block: nullable(struct({ block: bytes({ max: MAX_BLOCK_BYTES }), events: bytes({ max: 16_777_216 }) })),
})
export const MAX_SNAPSHOTS_BYTES = 16_777_216

/** Short ids of the transactions that the asker holds, 8 bytes each. */
export const mempoolRequestCodec = bytes({ max: 80_000 })
export const mempoolResponseCodec = list(bytes({ max: MAX_TRANSACTION_BYTES }), { max: 10_000 })
export const MAX_MEMPOOL_BYTES = 512 * 1024
