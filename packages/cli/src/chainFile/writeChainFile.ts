import { createReadStream } from 'node:fs'
import { type FileHandle, lstat, open, rm } from 'node:fs/promises'
import { concatBytes, equalBytes, HydraError } from '@hydraai/core'
import { linkNew, syncFolder } from '../files.ts'
import { ByteReader } from './byteReader.ts'
import { CHECKSUM_BYTES, entry, header, PREFIX_BYTES } from './format.ts'
import { readEntry } from './readChainFile.ts'

const PUBLIC = 0o644
/** Entries are gathered up to so much, so that small blocks cost no call each. */
const BUFFER_BYTES = 1_048_576

/**
 * A chain file in the making. It lies beside the final name (`NAME.partial`) until it is whole; one that was left behind,
 * however it was cut off, is gone on with.
 */
export class ChainFileWriter {
  /** Blocks that are in the file. */
  height: number
  bytes: number
  readonly #partial: string
  readonly #file: FileHandle
  #waiting: Uint8Array[] = []
  #waitingBytes = 0

  private constructor(partial: string, file: FileHandle, height: number, bytes: number) {
    this.#partial = partial
    this.#file = file
    this.height = height
    this.bytes = bytes
  }

  /**
   * Begins the file of a chain of `total` blocks, or goes on with what an earlier export of the same network left.
   *
   * @param onChecked told about each block of the earlier export that is found good
   */
  static async open(options: {
    file: string
    genesis: Uint8Array
    total: number
    onChecked?: (height: number) => void
  }): Promise<ChainFileWriter> {
    const { genesis, total, onChecked = () => {} } = options
    const partial = partialOf(options.file)
    const handle = await openPartial(partial)
    try {
      const kept = await goodPart(partial, genesis, total, onChecked)
      await handle.truncate(kept.bytes)
      const head = header(genesis, total)
      await handle.write(head, 0, head.length, 0)
      return new ChainFileWriter(partial, handle, kept.height, Math.max(kept.bytes, head.length))
    } catch (error) {
      await handle.close()
      throw error
    }
  }

  /** The block after the last one. */
  async append(block: Uint8Array, commit: Uint8Array): Promise<void> {
    this.height++
    const bytes = entry(this.height, block, commit)
    this.#waiting.push(bytes)
    this.#waitingBytes += bytes.length
    if (this.#waitingBytes >= BUFFER_BYTES) await this.#flush()
  }

  /** Gives the file its final name. Nothing that stands there is ever replaced: throws EEXIST. */
  async finish(file: string): Promise<void> {
    await this.#flush()
    await this.#file.chmod(PUBLIC)
    await this.#file.sync()
    await this.#file.close()
    await linkNew(this.#partial, file)
    await rm(this.#partial, { force: true })
    await syncFolder(file)
  }

  /** Leaves what is written for the next try. */
  async leave(): Promise<void> {
    await this.#flush().catch(() => {})
    await this.#file.close().catch(() => {})
  }

  async #flush(): Promise<void> {
    const bytes = concatBytes(...this.#waiting)
    this.#waiting = []
    this.#waitingBytes = 0
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.#file.write(bytes, done, bytes.length - done, this.bytes + done)
      done += bytesWritten
    }
    this.bytes += bytes.length
  }
}

export function partialOf(file: string): string {
  return `${file}.partial`
}

async function openPartial(path: string): Promise<FileHandle> {
  for (;;) {
    try {
      return await open(path, 'wx+', PUBLIC)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const there = await lstat(path)
    if (!there.isFile()) throw notOurs(path)
    if (there.nlink === 1) return open(path, 'r+')
    // The export before was killed after it had given the file its final name: this is only a second name for that.
    await rm(path)
  }
}

function notOurs(path: string): HydraError {
  return new HydraError('FILE_EXISTS', `${path} is there already and is not an unfinished export of this chain.`, {
    advice: 'Give another name to export to, or move that file away first.',
  })
}

/** How much of an unfinished export can be kept: nothing of another network's, and no block that is not whole. */
async function goodPart(
  partial: string,
  genesis: Uint8Array,
  total: number,
  onChecked: (height: number) => void,
): Promise<{ height: number; bytes: number }> {
  const stream = createReadStream(partial, { highWaterMark: BUFFER_BYTES })
  try {
    const reader = new ByteReader(stream)
    const head = header(genesis, total)
    const found = await reader.read(head.length)
    // An export that was killed within its first write.
    if (found.length < head.length && equalBytes(found.subarray(0, 8), head.subarray(0, Math.min(8, found.length))))
      return { height: 0, bytes: 0 }
    if (!sameButForTotal(found, head)) throw notOurs(partial)
    let [height, bytes] = [0, head.length]
    while (height < total) {
      const read = await readEntry(reader, height + 1)
      if (typeof read === 'string') break
      height++
      bytes += entry(height, read.block, read.commit).length
      onChecked(height)
    }
    return { height, bytes }
  } finally {
    stream.destroy()
  }
}

function sameButForTotal(found: Uint8Array, head: Uint8Array): boolean {
  const totalAt = PREFIX_BYTES - 8
  return (
    found.length === head.length &&
    equalBytes(found.subarray(0, totalAt), head.subarray(0, totalAt)) &&
    // Not the checksum: a header that was cut off while it was written anew is written again.
    equalBytes(found.subarray(PREFIX_BYTES, -CHECKSUM_BYTES), head.subarray(PREFIX_BYTES, -CHECKSUM_BYTES))
  )
}
