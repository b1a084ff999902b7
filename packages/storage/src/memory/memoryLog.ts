import { concatBytes } from '@hydraai/core'
import { closedError, logCorruptError, logTooLargeError } from '../errors.ts'
import { encodeRecord, parseLog } from '../format/logFormat.ts'
import { SECTOR_BYTES } from '../format/unwrittenTail.ts'
import { checkRecord, MAX_LOG_BYTES } from '../limits.ts'
import type { AppendLog } from '../ports.ts'
import type { SimulatedDisk } from './simulatedDisk.ts'

/** An AppendLog on a simulated disk, in the bytes that the log on a real disk has. */
export class MemoryLog implements AppendLog {
  readonly tornBytes: number = 0
  readonly #disk: SimulatedDisk
  readonly #name: string
  readonly #onClose: () => void
  readonly #life: number
  #sequence: number
  #bytes: number
  #failure: unknown = null
  #last: Promise<void> = Promise.resolve()
  #closed = false

  constructor(disk: SimulatedDisk, name: string, onClose: () => void) {
    this.#disk = disk
    this.#name = name
    this.#onClose = onClose
    this.#life = disk.life
    const bytes = concatBytes(...disk.logPieces(name))
    const parsed = parseLog(bytes)
    this.#sequence = parsed.records.length
    this.#bytes = parsed.validBytes
    if (parsed.damage !== null) this.#failure = logCorruptError(name, parsed.damage.offset, parsed.damage.why)
    else if (parsed.validBytes < bytes.length) {
      disk.setLog(name, bytes.slice(0, parsed.validBytes))
      this.tornBytes = bytes.length - parsed.validBytes
    }
  }

  async append(record: Uint8Array): Promise<void> {
    checkRecord(record)
    const copy = new Uint8Array(record)
    await this.#checkUsable()
    const encoded = () => encodeRecord(this.#sequence, copy)
    const commit = () => {
      if (this.#failure !== null) throw this.#failure
      const bytes = encoded()
      if (this.#bytes + bytes.length > MAX_LOG_BYTES) throw logTooLargeError(this.#name, MAX_LOG_BYTES)
      try {
        this.#disk.appendToLog(this.#name, bytes)
      } catch (error) {
        this.#failure = error
        throw error
      }
      this.#sequence++
      this.#bytes += bytes.length
    }
    await this.#write(commit, random => {
      if (this.#failure !== null) return
      const before = concatBytes(...this.#disk.logPieces(this.#name))
      this.#disk.setLog(this.#name, torn(before, encoded(), random))
    })
  }

  async read(): Promise<Uint8Array[]> {
    await this.#checkUsable()
    await this.#last
    await this.#checkUsable()
    const { records, damage } = parseLog(concatBytes(...this.#disk.logPieces(this.#name)))
    if (damage === null) return records
    this.#failure = logCorruptError(this.#name, damage.offset, damage.why)
    throw this.#failure
  }

  async reset(): Promise<void> {
    await this.#checkUsable()
    const commit = () => {
      if (this.#failure !== null) throw this.#failure
      this.#disk.setLog(this.#name, new Uint8Array())
      this.#sequence = 0
      this.#bytes = 0
    }
    await this.#write(commit, random => {
      if (this.#failure === null && random.below(2) === 1) commit()
    })
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    if (this.#disk.life === this.#life) await this.#last
    this.#onClose()
  }

  async #write(commit: () => void, tear: (random: { below(n: number): number }) => void): Promise<void> {
    const write = this.#disk.write(this.#life, commit, tear)
    this.#last = write.catch(() => {})
    await write
  }

  async #checkUsable(): Promise<void> {
    if (this.#closed) throw closedError(`log ${this.#name}`)
    if (this.#disk.life !== this.#life) await new Promise(() => {})
    if (this.#failure !== null) throw this.#failure
  }
}

/**
 * What a crash leaves of a log and a record that was being written to it: the beginning of the record, or, where the
 * file grew before its sectors were written, as many sectors as were and zeros for the others.
 */
function torn(before: Uint8Array, record: Uint8Array, random: { below(n: number): number }): Uint8Array {
  const whole = concatBytes(before, record)
  if (random.below(4) > 0) return whole.slice(0, before.length + random.below(record.length + 1))
  const sectors = Math.ceil(whole.length / SECTOR_BYTES) - Math.floor(before.length / SECTOR_BYTES)
  const firstUnwritten = SECTOR_BYTES * (Math.floor(before.length / SECTOR_BYTES) + random.below(sectors))
  return whole.fill(0, Math.max(before.length, firstUnwritten))
}
