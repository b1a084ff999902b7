import { createReadStream } from 'node:fs'
import { decode, equalBytes, HydraError } from '@hydraai/core'
import { checkGenesis, type Genesis, genesisCodec } from '@hydraai/ledger'
import { fileError } from '../files.ts'
import { ByteReader } from './byteReader.ts'
import { MAGIC, MAX_BYTES, notAChainFile, VERSION } from './format.ts'

const CHUNK_BYTES = 1_048_576
const MAX_BLOCKS = 2 ** 40

export interface ChainFile {
  readonly genesis: Genesis
  readonly total: number
  /** Each block with its commit, from height 1 up. Throws CHAIN_FILE_DAMAGED where the file ends early or goes on. */
  blocks(): AsyncGenerator<{ height: number; block: Uint8Array; commit: Uint8Array }>
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
  if (!equalBytes(await reader.read(MAGIC.length), MAGIC)) throw notAChainFile(file, 'it begins otherwise')
  const version = await readUint(reader, 4)
  if (version !== VERSION)
    throw new HydraError('CHAIN_FILE_INVALID', `${file} has format version ${version ?? 'none'}, not ${VERSION}.`, {
      advice: 'Import it with the release that wrote it, or a newer one.',
    })
  const bytes = await readRecord(reader, MAX_BYTES.genesis)
  const total = await readUint(reader, 8)
  if (bytes === null || total === null || total > MAX_BLOCKS) throw notAChainFile(file, 'its beginning is damaged')
  try {
    const genesis = decode(genesisCodec, bytes)
    checkGenesis(genesis)
    return { genesis, total }
  } catch {
    throw notAChainFile(file, 'the genesis in it is damaged')
  }
}

async function* readBlocks(file: string, reader: ByteReader, total: number) {
  for (let height = 1; height <= total; height++) {
    const block = await readRecord(reader, MAX_BYTES.block)
    const commit = block && (await readRecord(reader, MAX_BYTES.commit))
    if (!block || !commit)
      throw damaged(file, height, `the file is cut short or altered there (${total} were promised)`)
    yield { height, block, commit }
  }
  if ((await reader.read(1)).length > 0) throw damaged(file, total + 1, `the file goes on after its ${total} blocks`)
}

/** Null when the stream ends early or the length cannot be one. */
async function readRecord(reader: ByteReader, maxBytes: number): Promise<Uint8Array | null> {
  const length = await readUint(reader, 4)
  if (length === null || length > maxBytes) return null
  const bytes = await reader.read(length)
  return bytes.length === length ? bytes : null
}

async function readUint(reader: ByteReader, width: 4 | 8): Promise<number | null> {
  const bytes = await reader.read(width)
  if (bytes.length < width) return null
  const view = new DataView(bytes.buffer, bytes.byteOffset, width)
  return width === 4 ? view.getUint32(0) : Number(view.getBigUint64(0))
}

/** The first height that cannot be had from the file. */
export function damaged(file: string, height: number, why: string, cause?: unknown): HydraError {
  return new HydraError('CHAIN_FILE_DAMAGED', `Block ${height} of ${file} is bad: ${why}.`, {
    advice:
      height > 1
        ? `The blocks before it are good and were kept. Import a whole copy to go on from block ${height}.`
        : 'Nothing was changed. Import another copy.',
    cause,
  })
}
