import { address, bytes, hash, list, struct, text, uint, uintMax } from '@hydraai/core'
import { MAX_TRANSACTION_BYTES } from '@hydraai/ledger'

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
export type Status = ReturnType<(typeof statusCodec)['fromWire']>

export const MAX_STATUS_BYTES = 4_096

export const blocksRequestCodec = struct({ from: uint, count: uintMax(100) })
/** Each entry an encoded block and its encoded commit. */
export const blocksResponseCodec = list(struct({ block: bytes({ max: 2_097_152 }), commit: bytes({ max: 65_536 }) }), {
  max: 100,
})
export const MAX_BLOCKS_RESPONSE_BYTES = 4 * 1024 * 1024

/** Short ids of the transactions that the asker holds, 8 bytes each. */
export const mempoolRequestCodec = bytes({ max: 80_000 })
export const mempoolResponseCodec = list(bytes({ max: MAX_TRANSACTION_BYTES }), { max: 10_000 })
export const MAX_MEMPOOL_BYTES = 512 * 1024
