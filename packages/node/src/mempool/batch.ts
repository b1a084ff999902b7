import { bytes, type Codec, list } from '@hydraai/core'
import { MAX_TRANSACTION_BYTES } from '@hydraai/ledger'

/** A gossip message of transactions is no longer than this, frame included. */
export const MAX_BATCH_BYTES = 65_536
const MAX_BATCH_COUNT = 512
/** What the encoding puts around a transaction, and around the list. */
const FRAME_BYTES = 8

/** Encoded transactions that travel together. */
export const batchCodec: Codec<Uint8Array[]> = list(bytes({ max: MAX_TRANSACTION_BYTES }), { max: MAX_BATCH_COUNT })

/** Splits what is to be sent into batches of allowed size, in the same order. */
export function batchesOf(transactions: readonly Uint8Array[]): Uint8Array[][] {
  const batches: Uint8Array[][] = []
  let size = 0
  for (const one of transactions) {
    const length = one.length + FRAME_BYTES
    const open = batches.at(-1)
    if (open === undefined || size + length > MAX_BATCH_BYTES - FRAME_BYTES || open.length === MAX_BATCH_COUNT) {
      batches.push([one])
      size = length
    } else {
      open.push(one)
      size += length
    }
  }
  return batches
}
