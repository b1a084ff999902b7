import { concatBytes, HydraError, u32be, u64be, utf8 } from '@hydraai/core'
import { MAX_BLOCK_BYTES } from '@hydraai/ledger'
import { MAX_GENESIS_BYTES } from '@hydraai/node'

/*
 * A chain in one file; integers are big-endian:
 *   "HYDRACHN", version u32, genesis, number of blocks u64, then for each height from 1: block, commit
 * Genesis, block and commit are their canonical encodings, each behind its length as u32. The count in front tells a
 * file that was cut between two blocks from a whole one.
 */
export const MAGIC = utf8('HYDRACHN')
export const VERSION = 1

export const MAX_BYTES = { genesis: MAX_GENESIS_BYTES, block: MAX_BLOCK_BYTES + 1_048_576, commit: 1_048_576 } as const

export function header(genesis: Uint8Array, blocks: number): Uint8Array {
  return concatBytes(MAGIC, u32be(VERSION), record(genesis), u64be(blocks))
}

export function record(bytes: Uint8Array): Uint8Array {
  return concatBytes(u32be(bytes.length), bytes)
}

export function notAChainFile(file: string, why: string): HydraError {
  return new HydraError('CHAIN_FILE_INVALID', `${file} is not a chain that was exported: ${why}.`, {
    advice: 'Give a file that --export-chain wrote. Nothing was changed.',
  })
}
