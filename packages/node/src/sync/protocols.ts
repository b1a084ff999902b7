import { address, bytes, hash, type Infer, list, struct, text, uint, uintMax } from '@hydraai/core'
import { MAX_BLOCK_BYTES, MAX_TRANSACTION_BYTES } from '@hydraai/ledger'

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

/** Short ids of the transactions that the asker holds, 8 bytes each. */
export const mempoolRequestCodec = bytes({ max: 80_000 })
export const mempoolResponseCodec = list(bytes({ max: MAX_TRANSACTION_BYTES }), { max: 10_000 })
export const MAX_MEMPOOL_BYTES = 512 * 1024
