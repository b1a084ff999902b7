import { createReadStream } from 'node:fs'
import { concatBytes, decode, equalBytes, HydraError } from '@hydraai/core'
import { checkGenesis, type Genesis, genesisCodec } from '@hydraai/ledger'
import { fileError } from '../files.ts'
import { ByteReader } from './byteReader.ts'
import {
  CHECKSUM_BYTES,
  entryChecksum,
  headerChecksum,
  LENGTHS_BYTES,
  MAGIC,
  MAX_BYTES,
  notAChainFile,
  PREFIX_BYTES,
  VERSION,
} from './format.ts'

const CHUNK_BYTES = 131_072
const MAX_BLOCKS = 2 ** 40
/** Where magic and version end, whatever the version has behind them. */
const VERSION_ENDS = MAGIC.length + 4

export interface ChainEntry {
  readonly height: number
  readonly block: Uint8Array
  readonly commit: Uint8Array
}

export interface ChainFile {
  readonly genesis: Genesis
  readonly total: number
  /**
   * Each block with its commit, from height 1 up, as they were written: nothing says yet that they are any good. Throws
   * CHAIN_FILE_DAMAGED where the file is altered, ends early or goes on.
   */
  blocks(): AsyncGenerator<ChainEntry>
  close(): void
}

/** Opens a chain file and reads as far as its blocks. Throws CHAIN_FILE_INVALID, FILE_MISSING. */
export async function readChainFile(file: string): Promise<ChainFile> {
  const stream = createReadStream(file, { highWaterMark: CHUNK_BYTES })
  try {
    const reader = new ByteReader(stream)
    const { genesis, total } = await readHeader(file, reader)
    return { genesis, total, blocks: () => readBlocks(file, reader, total), close: () => stream.destroy() }
  } catch (error) {
    stream.destroy()
    throw fileError(file, error)
  }
}

async function readHeader(file: string, reader: ByteReader): Promise<{ genesis: Genesis; total: number }> {
  const prefix = await reader.read(PREFIX_BYTES)
  if (!equalBytes(prefix.subarray(0, MAGIC.length), MAGIC)) throw notAChainFile(file, 'it begins otherwise')
  const view = new DataView(prefix.buffer, prefix.byteOffset, prefix.length)
  const version = prefix.length < VERSION_ENDS ? VERSION : view.getUint32(VERSION_ENDS - 4)
  if (version !== VERSION)
    throw new HydraError('CHAIN_FILE_INVALID', `${file} has format version ${version}, not ${VERSION}.`, {
      advice: 'Import it with the release that wrote it, or export the chain again with this one.',
    })
  if (prefix.length < PREFIX_BYTES) throw notAChainFile(file, 'it ends within its header')
  const genesisBytes = view.getUint32(12)
  const total = Number(view.getBigUint64(16))
  if (genesisBytes > MAX_BYTES.genesis || total > MAX_BLOCKS) throw notAChainFile(file, 'its header is damaged')
  const bytes = await reader.read(genesisBytes)
  const checksum = await reader.read(CHECKSUM_BYTES)
  if (checksum.length < CHECKSUM_BYTES) throw notAChainFile(file, 'it ends within its header')
  if (!equalBytes(checksum, headerChecksum(concatBytes(prefix, bytes))))
    throw notAChainFile(file, 'its header is damaged')
  try {
    const genesis = decode(genesisCodec, bytes)
    checkGenesis(genesis)
    return { genesis, total }
  } catch {
    throw notAChainFile(file, 'the genesis in it is none that this release knows')
  }
}

async function* readBlocks(file: string, reader: ByteReader, total: number): AsyncGenerator<ChainEntry> {
  for (let height = 1; height <= total; height++) {
    const read = await readEntry(reader, height).catch(error => {
      throw fileError(file, error)
    })
    if (read === 'cut') throw damaged(file, height, `the file is cut short there (${total} blocks were promised)`)
    if (read === 'altered') throw damaged(file, height, 'the file is altered there')
    yield read
  }
  if ((await reader.read(1)).length > 0) throw damaged(file, total + 1, `the file goes on after its ${total} blocks`)
}

/** The next entry of a chain file, checked against its checksum. */
export async function readEntry(reader: ByteReader, height: number): Promise<ChainEntry | 'cut' | 'altered'> {
  const lengths = await reader.read(LENGTHS_BYTES)
  if (lengths.length < LENGTHS_BYTES) return 'cut'
  const view = new DataView(lengths.buffer, lengths.byteOffset, LENGTHS_BYTES)
  const [blockBytes, commitBytes] = [view.getUint32(0), view.getUint32(4)]
  if (blockBytes > MAX_BYTES.block || commitBytes > MAX_BYTES.commit) return 'altered'
  const block = await reader.read(blockBytes)
  const commit = await reader.read(commitBytes)
  const checksum = await reader.read(CHECKSUM_BYTES)
  if (checksum.length < CHECKSUM_BYTES) return 'cut'
  if (!equalBytes(checksum, entryChecksum(height, lengths, block, commit))) return 'altered'
  return { height, block, commit }
}

/** The first height that cannot be had from the file. */
export function damaged(file: string, height: number, why: string, cause?: unknown): HydraError {
  return new HydraError('CHAIN_FILE_DAMAGED', `Block ${height} of ${file} is bad: ${why}.`, {
    advice:
      height > 1
        ? `The blocks before it are good and were kept. Import a whole copy to go on from block ${height}.`
        : 'Nothing was changed. Import another copy.',
    details: { height },
    cause,
  })
}
