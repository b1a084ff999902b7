import { CounterRandom, hashOf } from '@hydraai/core'
import { closedError, corruptError, lockedError } from '../errors.ts'
import { openSealedValue, sealValue } from '../format/sealedValue.ts'
import { checkKey, checkLogName, checkOperations } from '../limits.ts'
import type { AppendLog, KeyRange, KeyValueStore, Storage, WriteOperation } from '../ports.ts'
import { MemoryLog } from './memoryLog.ts'
import { SimulatedDisk } from './simulatedDisk.ts'

/** The simulated disk's name in messages. */
const WHERE = 'the simulated disk'

/**
 * A storage in memory, on `disk`, which outlives it: close it, or crash the disk, and open another one on the same
 * disk. It uses no timers and no I/O: every promise settles by the job queue alone, or by the disk's `delay`.
 *
 * @throws HydraError STORAGE_LOCKED if a storage is open on the disk
 */
export function memoryStorage(disk: SimulatedDisk = new SimulatedDisk(defaultOptions())): Storage {
  if (disk.isOpen) throw lockedError(WHERE)
  return new MemoryStorage(disk)
}

function defaultOptions() {
  return { random: new CounterRandom(hashOf(new Uint8Array())) }
}

class MemoryStorage implements Storage {
  readonly db: KeyValueStore
  readonly #disk: SimulatedDisk
  readonly #life: number
  readonly #logs = new Map<string, MemoryLog>()

  constructor(disk: SimulatedDisk) {
    this.#disk = disk
    this.#life = disk.open()
    this.db = new MemoryStore(disk, this.#life)
  }

  async openLog(name: string): Promise<AppendLog> {
    checkLogName(name)
    if (this.#disk.life !== this.#life) throw closedError('storage')
    if (this.#logs.has(name)) throw lockedError(`log ${name}`)
    const log = new MemoryLog(this.#disk, name, () => this.#logs.delete(name))
    this.#logs.set(name, log)
    return log
  }

  async close(): Promise<void> {
    for (const log of this.#logs.values()) await log.close()
    await this.db.close()
    if (this.#disk.life === this.#life) this.#disk.close()
  }
}

class MemoryStore implements KeyValueStore {
  readonly #disk: SimulatedDisk
  readonly #life: number
  #writeFailure: unknown = null
  #writes: Promise<void> = Promise.resolve()
  #closed = false

  constructor(disk: SimulatedDisk, life: number) {
    this.#disk = disk
    this.#life = life
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    await this.#checkAlive()
    checkKey(key)
    const sealed = this.#disk.values.get(key)
    return sealed === undefined ? undefined : unseal(key, sealed)
  }

  async batch(operations: readonly WriteOperation[], options: { sync: boolean }): Promise<void> {
    checkOperations(operations)
    const entries = operations.map(operation => ({
      key: operation.key,
      value: operation.type === 'put' ? sealValue(operation.key, operation.value) : undefined,
    }))
    await this.#checkAlive()
    const commit = () => {
      if (this.#writeFailure !== null) throw this.#writeFailure
      try {
        this.#disk.putAll(entries, options.sync)
      } catch (error) {
        this.#writeFailure = error
        throw error
      }
    }
    const write = this.#disk.write(this.#life, commit, random => {
      if (random.below(2) === 1) commit()
    })
    this.#writes = write.catch(() => {})
    await write
  }

  async *range(range: KeyRange): AsyncIterable<[string, Uint8Array]> {
    await this.#checkAlive()
    for (const [key, sealed] of this.#disk.values.entries(range)) {
      yield [key, unseal(key, sealed)]
      await this.#checkAlive()
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    if (this.#disk.life === this.#life) await this.#writes
  }

  async #checkAlive(): Promise<void> {
    if (this.#closed) throw closedError('database')
    if (this.#disk.life !== this.#life) await new Promise(() => {})
  }
}

function unseal(key: string, sealed: Uint8Array): Uint8Array {
  const value = openSealedValue(key, sealed)
  if (value === null) throw corruptError(WHERE, `the value of ${key} does not have its checksum`)
  return value
}
