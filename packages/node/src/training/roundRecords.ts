import { type Codec, decode, encode } from '@hydraai/core'
import type { KeyValueStore, WriteOperation } from '@hydraai/storage'
import { type UnitKey, unitKeyOf } from './activity.ts'

/** Rounds behind whose records are kept. A round settles before the one after the next begins, so its records last. */
const KEPT_ROUNDS = 3

/** What a node remembers of units through any restart, by unit. Every model's old rounds are forgotten as new ones come. */
export class RoundRecords<T> {
  readonly #db: KeyValueStore
  readonly #prefix: string
  readonly #codec: Codec<T>

  constructor(db: KeyValueStore, prefix: string, codec: Codec<T>) {
    this.#db = db
    this.#prefix = prefix
    this.#codec = codec
  }

  async get(key: UnitKey): Promise<T | undefined> {
    const bytes = await this.#db.get(this.#keyOf(key))
    return bytes && decode(this.#codec, bytes)
  }

  /** Durable when it resolves. */
  async put(key: UnitKey, record: T): Promise<void> {
    const operations: WriteOperation[] = [
      { type: 'put', key: this.#keyOf(key), value: encode(this.#codec, record) },
      ...(await this.#old(key)),
    ]
    await this.#db.batch(operations, { sync: true })
  }

  async #old({ model, round }: UnitKey): Promise<WriteOperation[]> {
    const prefix = `${this.#prefix}/${model}`
    const old: WriteOperation[] = []
    for await (const [key] of this.#db.range({ gte: `${prefix}/`, lt: `${prefix}0` }))
      if (Number(key.slice(prefix.length + 1).split('/')[0]) < round - KEPT_ROUNDS) old.push({ type: 'del', key })
    return old
  }

  #keyOf(key: UnitKey): string {
    return `${this.#prefix}/${unitKeyOf(key)}`
  }
}
