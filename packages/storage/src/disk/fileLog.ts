import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { concatBytes } from '@hydraai/core'
import { closedError, logCorruptError, logTooLargeError } from '../errors.ts'
import { encodeRecord, parseLog } from '../format/logFormat.ts'
import { checkRecord, MAX_LOG_BYTES } from '../limits.ts'
import type { AppendLog } from '../ports.ts'
import { syncFolder } from './files.ts'
import { fileError } from './systemErrors.ts'

interface Waiting {
  record: Uint8Array
  resolve(): void
  reject(error: unknown): void
}

/**
 * Opens the log in the file `path`, makes it if it is not there, and cuts off a last record that is unfinished.
 *
 * @param onClose called once, when the log has been closed
 */
export async function openFileLog(path: string, onClose: () => void): Promise<AppendLog> {
  let file: FileHandle | null = null
  try {
    // Not "append" mode: after a failed write the file is cut back, and the next write goes to a place of our choosing.
    file = await open(path, 'r+', 0o600).catch(async error => {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      return open(path, 'wx+', 0o600)
    })
    await syncFolder(dirname(path))
    const { size } = await file.stat()
    if (size > MAX_LOG_BYTES) throw logCorruptError(path, MAX_LOG_BYTES, 'it is larger than any log that was written')
    const parsed = parseLog(await readStart(file, size))
    const log = new FileLog(path, file, onClose, parsed.records.length, parsed.validBytes)
    if (parsed.damage !== null) log.refuse(logCorruptError(path, parsed.damage.offset, parsed.damage.why))
    else if (parsed.validBytes < size) await log.cutTail(size)
    return log
  } catch (error) {
    await file?.close().catch(() => {})
    throw fileError(path, error)
  }
}

class FileLog implements AppendLog {
  tornBytes = 0
  readonly #path: string
  readonly #file: FileHandle
  readonly #onClose: () => void
  #sequence: number
  #bytes: number
  /** The appends that the next flush takes; null once it has begun or something else must come between. */
  #batch: Waiting[] | null = null
  #work: Promise<void> = Promise.resolve()
  #failure: Error | null = null
  #closed = false

  constructor(path: string, file: FileHandle, onClose: () => void, sequence: number, bytes: number) {
    this.#path = path
    this.#file = file
    this.#onClose = onClose
    this.#sequence = sequence
    this.#bytes = bytes
  }

  refuse(failure: Error): void {
    this.#failure = failure
  }

  async cutTail(size: number): Promise<void> {
    await this.#file.truncate(this.#bytes)
    await this.#file.sync()
    this.tornBytes = size - this.#bytes
  }

  append(record: Uint8Array): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      this.#checkUsable()
      checkRecord(record)
      let batch = this.#batch
      if (batch === null) {
        const opened: Waiting[] = []
        batch = this.#batch = opened
        void this.#enqueue(() => this.#flush(opened))
      }
      batch.push({ record: new Uint8Array(record), resolve, reject })
    })
  }

  async read(): Promise<Uint8Array[]> {
    this.#checkUsable()
    this.#batch = null
    return this.#enqueue(async () => {
      this.#checkUsable()
      const parsed = parseLog(await readStart(this.#file, this.#bytes))
      if (parsed.damage !== null || parsed.validBytes < this.#bytes) {
        const { offset, why } = parsed.damage ?? { offset: parsed.validBytes, why: 'records at its end are gone' }
        this.#failure = logCorruptError(this.#path, offset, why)
        throw this.#failure
      }
      return parsed.records
    })
  }

  async reset(): Promise<void> {
    this.#checkUsable()
    this.#batch = null
    await this.#enqueue(async () => {
      this.#checkUsable()
      await this.#file.truncate(0)
      await this.#file.sync()
      this.#sequence = 0
      this.#bytes = 0
    })
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#work
    await this.#file.close()
    this.#onClose()
  }

  async #flush(waiting: Waiting[]): Promise<void> {
    if (this.#batch === waiting) this.#batch = null
    try {
      if (this.#failure !== null) throw this.#failure
      const records = waiting.map(({ record }, index) => encodeRecord(this.#sequence + index, record))
      const bytes = concatBytes(...records)
      if (this.#bytes + bytes.length > MAX_LOG_BYTES) throw logTooLargeError(this.#path, MAX_LOG_BYTES)
      await this.#write(bytes)
      this.#sequence += records.length
      this.#bytes += bytes.length
      for (const { resolve } of waiting) resolve()
    } catch (error) {
      for (const { reject } of waiting) reject(error)
    }
  }

  async #write(bytes: Uint8Array): Promise<void> {
    try {
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await this.#file.write(bytes, done, bytes.length - done, this.#bytes + done)
        done += bytesWritten
      }
      await this.#file.datasync()
    } catch (error) {
      // What a failed flush left on the disk is unknown, so nothing may follow it until the file has been read again.
      const failure = fileError(this.#path, error)
      this.#failure = failure
      await this.#file.truncate(this.#bytes).catch(() => {})
      throw failure
    }
  }

  #enqueue<T>(run: () => Promise<T>): Promise<T> {
    const result = this.#work.then(run)
    this.#work = result.then(
      () => {},
      () => {},
    )
    return result.catch(error => {
      throw fileError(this.#path, error)
    })
  }

  #checkUsable(): void {
    if (this.#closed) throw closedError(`log ${this.#path}`)
    if (this.#failure !== null) throw this.#failure
  }
}

async function readStart(file: FileHandle, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(size)
  for (let done = 0; done < size; ) {
    const { bytesRead } = await file.read(bytes, done, size - done, done)
    if (bytesRead === 0) return bytes.subarray(0, done)
    done += bytesRead
  }
  return bytes
}
