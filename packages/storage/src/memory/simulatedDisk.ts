import { concatBytes } from '@hydraai/core'
import { fullError, lockedError } from '../errors.ts'
import { OrderedMap } from './orderedMap.ts'

/** How a {@link SimulatedDisk} behaves. */
export interface SimulatedDiskOptions {
  /** Decides what a crash leaves of writes that were under way; the same draws give the same disk. */
  random: { below(n: number): number }
  /** Waits as long as a write takes, on the simulator's clock. Without it a write takes one turn of the job queue. */
  delay?: () => Promise<void>
  /** Bytes the disk holds; writes beyond fail as a full disk does. Default: no limit. */
  capacityBytes?: number
}

interface QueuedWrite {
  commit(): void
  /** What the disk may hold if it crashes while this write, the first of the queue, is under way. */
  tear(random: { below(n: number): number }): void
  resolve(): void
  reject(error: unknown): void
}

interface Undo {
  key: string
  before: Uint8Array | undefined
}

/**
 * What outlives a crash in the simulator: a database and logs, in memory, with no clock, no randomness and no I/O of
 * its own. One storage at a time is open on it. Writes are carried out one after the other, in the order of the calls.
 */
export class SimulatedDisk {
  readonly #options: SimulatedDiskOptions
  readonly #values = new OrderedMap()
  readonly #logs = new Map<string, Uint8Array[]>()
  #unsynced: Undo[][] = []
  #queue: QueuedWrite[] = []
  #capacityBytes: number
  #usedBytes = 0
  #life = 0
  #open = false

  constructor(options: SimulatedDiskOptions) {
    this.#options = options
    this.#capacityBytes = options.capacityBytes ?? Number.POSITIVE_INFINITY
  }

  /** The number of crashes and closings so far: a handle of an earlier life does nothing any more. */
  get life(): number {
    return this.#life
  }

  get isOpen(): boolean {
    return this.#open
  }

  get usedBytes(): number {
    return this.#usedBytes
  }

  /** The database's values as they are stored. */
  get values(): OrderedMap {
    return this.#values
  }

  setCapacity(bytes: number): void {
    this.#capacityBytes = bytes
  }

  open(): number {
    this.#open = true
    return this.#life
  }

  close(): void {
    this.#end()
  }

  /**
   * The power goes: of the batches that were not synced only the first few remain, the write that was under way is
   * there, torn or not there, and those behind it are lost. Promises of the open storage never settle after this,
   * as nothing of a killed process runs on.
   */
  crash(): void {
    try {
      this.#queue[0]?.tear(this.#options.random)
    } catch {
      // The write would have failed had it come so far, for want of room.
    }
    const kept = this.#options.random.below(this.#unsynced.length + 1)
    for (const batch of this.#unsynced.slice(kept).reverse()) {
      for (const { key, before } of batch.reverse()) this.#store(key, before)
    }
    this.#end()
  }

  /** Queues a write of the storage that was opened in `life`; resolves when `commit` has been carried out. */
  write(life: number, commit: () => void, tear: QueuedWrite['tear']): Promise<void> {
    return new Promise((resolve, reject) => {
      if (life !== this.#life) return
      this.#queue.push({ commit, tear, resolve, reject })
      if (this.#queue.length === 1) void this.#carryOut(this.#life)
    })
  }

  /** Puts (or, for undefined, removes) values at once; `synced` makes these and all before them durable. */
  putAll(entries: readonly { key: string; value: Uint8Array | undefined }[], synced: boolean): void {
    this.checkRoom(
      entries.reduce((sum, { key, value }) => sum + (value === undefined ? 0 : key.length + value.length), 0),
    )
    const undo: Undo[] = []
    for (const { key, value } of entries) {
      undo.push({ key, before: this.#values.get(key) })
      this.#store(key, value)
    }
    if (synced) this.#unsynced = []
    else this.#unsynced.push(undo)
  }

  /** The pieces that were written to the log `name`, oldest first. */
  logPieces(name: string): readonly Uint8Array[] {
    return this.#logs.get(name) ?? []
  }

  appendToLog(name: string, bytes: Uint8Array): void {
    this.checkRoom(bytes.length)
    const pieces = this.#logs.get(name)
    if (pieces === undefined) this.#logs.set(name, [bytes])
    else pieces.push(bytes)
    this.#usedBytes += bytes.length
  }

  /** The names of the logs that hold something. */
  logNames(): string[] {
    return [...this.#logs].filter(([, pieces]) => pieces.length > 0).map(([name]) => name)
  }

  /** Flips one bit of a stored value, as a failing disk does; false if there is no such value. */
  flipValueBit(key: string, bit: number): boolean {
    const value = this.#values.get(key)
    if (value === undefined || value.length === 0) return false
    this.#values.set(key, flipped(value, bit))
    return true
  }

  /** Flips one bit of a log; false if it is empty. */
  flipLogBit(name: string, bit: number): boolean {
    const bytes = concatBytes(...this.logPieces(name))
    if (bytes.length === 0) return false
    this.setLog(name, flipped(bytes, bit))
    return true
  }

  /** Everything is gone, as on a new disk. Only while nothing is open on it. */
  wipe(): void {
    if (this.#open) throw lockedError('the simulated disk')
    for (const [key] of this.#values.entries({})) this.#values.delete(key)
    this.#logs.clear()
    this.#usedBytes = 0
    this.#capacityBytes = this.#options.capacityBytes ?? Number.POSITIVE_INFINITY
  }

  /** Replaces all of the log `name`. */
  setLog(name: string, bytes: Uint8Array): void {
    this.#usedBytes += bytes.length - this.logPieces(name).reduce((sum, piece) => sum + piece.length, 0)
    this.#logs.set(name, bytes.length === 0 ? [] : [bytes])
  }

  checkRoom(bytes: number): void {
    if (this.#usedBytes + bytes > this.#capacityBytes) throw fullError('the simulated disk')
  }

  async #carryOut(life: number): Promise<void> {
    while (this.#life === life && this.#queue.length > 0) {
      await this.#options.delay?.()
      if (this.#life !== life) return
      const write = this.#queue[0]!
      try {
        write.commit()
        write.resolve()
      } catch (error) {
        write.reject(error)
      }
      this.#queue.shift()
    }
  }

  #store(key: string, value: Uint8Array | undefined): void {
    const before = this.#values.get(key)
    if (before !== undefined) this.#usedBytes -= key.length + before.length
    if (value === undefined) this.#values.delete(key)
    else {
      this.#values.set(key, value)
      this.#usedBytes += key.length + value.length
    }
  }

  #end(): void {
    this.#queue = []
    this.#unsynced = []
    this.#life++
    this.#open = false
  }
}

/** A copy with bit `bit`, counted round and round, the other way. */
function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = bytes.slice()
  const at = bit % (8 * copy.length)
  copy[at >>> 3]! ^= 1 << (at & 7)
  return copy
}
