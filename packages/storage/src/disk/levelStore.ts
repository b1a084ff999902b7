import { ClassicLevel } from 'classic-level'
import { closedError, corruptError } from '../errors.ts'
import { openSealedValue, sealValue } from '../format/sealedValue.ts'
import { checkKey, checkOperations } from '../limits.ts'
import type { KeyRange, KeyValueStore, WriteOperation } from '../ports.ts'
import { levelError } from './systemErrors.ts'

/** A KeyValueStore in the LevelDB in `location`; founded if `create`, else it has to be there. */
export async function openLevelStore(location: string, create: boolean): Promise<KeyValueStore> {
  const level = new ClassicLevel<string, Uint8Array>(location, {
    keyEncoding: 'utf8',
    valueEncoding: 'view',
    createIfMissing: create,
    writeBufferSize: 8 * 1024 * 1024,
  })
  try {
    await level.open()
  } catch (error) {
    throw levelError(location, error)
  }
  return new LevelStore(location, level)
}

class LevelStore implements KeyValueStore {
  readonly #location: string
  readonly #level: ClassicLevel<string, Uint8Array>
  #writeFailure: Error | null = null
  #closed = false

  constructor(location: string, level: ClassicLevel<string, Uint8Array>) {
    this.#location = location
    this.#level = level
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    this.#checkOpen()
    checkKey(key)
    const sealed = await this.#level.get(key).catch(error => {
      throw levelError(this.#location, error)
    })
    return sealed === undefined ? undefined : this.#unseal(key, sealed)
  }

  async batch(operations: readonly WriteOperation[], options: { sync: boolean }): Promise<void> {
    this.#checkOpen()
    checkOperations(operations)
    // LevelDB goes on writing after a record that it could not finish, and on the next start drops what follows it.
    if (this.#writeFailure !== null) throw this.#writeFailure
    const sealed = operations.map(operation =>
      operation.type === 'put' ? { ...operation, value: sealValue(operation.key, operation.value) } : operation,
    )
    try {
      await this.#level.batch(sealed, options)
    } catch (error) {
      const failure = levelError(this.#location, error)
      if (!this.#closed) this.#writeFailure = failure
      throw failure
    }
  }

  async *range(range: KeyRange): AsyncIterable<[string, Uint8Array]> {
    this.#checkOpen()
    const iterator = this.#level.iterator({ ...range, highWaterMarkBytes: 1024 * 1024 })
    try {
      for (;;) {
        const entry = await iterator.next()
        if (entry === undefined) return
        yield [entry[0], this.#unseal(entry[0], entry[1])]
      }
    } catch (error) {
      throw levelError(this.#location, error)
    } finally {
      await iterator.close()
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#level.close().catch(error => {
      throw levelError(this.#location, error)
    })
  }

  #unseal(key: string, sealed: Uint8Array): Uint8Array {
    const value = openSealedValue(key, sealed)
    if (value === null)
      throw corruptError(this.#location, `the value of ${key} does not have its checksum`, undefined, { key })
    return value
  }

  #checkOpen(): void {
    if (this.#closed) throw closedError(`database in ${this.#location}`)
  }
}
