import { createHash } from 'node:crypto'
import { concatBytes, HydraError, u32be, u64be, utf8 } from '@hydraai/core'
import { MAX_BLOCK_BYTES } from '@hydraai/ledger'
import { MAX_GENESIS_BYTES } from '@hydraai/node'

/*
 * A chain in one file; integers are big-endian:
 *   header: "HYDRACHN", version u32, length of the genesis u32, number of blocks u64, genesis, checksum
 *   then for each height from 1: length of the block u32, length of the commit u32, block, commit, checksum
 * Genesis, block and commit are their canonical encodings. A checksum is the SHA-256 over the header, or over the height
 * as u64 and the entry: so whatever is altered is noticed where it stands, and at no other height. The count in front
 * tells a file that was cut between two blocks from a whole one; it stands before what may vary in length, so that an
 * export that is gone on with writes the header anew in its place.
 */
export const MAGIC = utf8('HYDRACHN')
export const VERSION = 3

/** What the header has before the genesis: magic, version, length of the genesis, number of blocks. */
export const PREFIX_BYTES = MAGIC.length + 4 + 4 + 8
/** What an entry has before the block: the two lengths. */
export const LENGTHS_BYTES = 8
export const CHECKSUM_BYTES = 32

export const MAX_BYTES = { genesis: MAX_GENESIS_BYTES, block: MAX_BLOCK_BYTES + 1_048_576, commit: 1_048_576 } as const

export function header(genesis: Uint8Array, blocks: number): Uint8Array {
  const bytes = concatBytes(MAGIC, u32be(VERSION), u32be(genesis.length), u64be(blocks), genesis)
  return concatBytes(bytes, headerChecksum(bytes))
}

export function entry(height: number, block: Uint8Array, commit: Uint8Array): Uint8Array {
  const lengths = concatBytes(u32be(block.length), u32be(commit.length))
  return concatBytes(lengths, block, commit, entryChecksum(height, lengths, block, commit))
}

export function headerChecksum(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest()
}

export function entryChecksum(height: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha256').update(u64be(height))
  for (const part of parts) hash.update(part)
  return hash.digest()
}

export function notAChainFile(file: string, why: string): HydraError {
  return new HydraError('CHAIN_FILE_INVALID', `${file} is not a chain that was exported: ${why}.`, {
    advice: 'Give a file that --export-chain wrote. Nothing was changed.',
  })
}
