import { type Hash, HydraError, isHash, utf8 } from '@hydraai/core'
import { corruptError } from '../errors.ts'
import type { KeyRange, KeyValueStore, WriteOperation } from '../ports.ts'

const LATEST = 'chain/latest'
const FIRST = 'chain/first'
const STATE = 'chain/state'
const INDEX = 'index/'
/** The first text after every key that begins with INDEX. */
const INDEX_END = 'index0'

/** A committed block as it is stored; the caller chooses the encodings. */
export interface StoredBlock {
  height: number
  hash: Hash
  block: Uint8Array
  commit: Uint8Array
  events: Uint8Array
  /** The ledger's state after this block; only the latest one is kept. */
  state: Uint8Array
  /** Entries for look-ups by the caller's own keys, such as a transaction's id; they replace entries of the same key. */
  index: readonly (readonly [key: string, value: Uint8Array])[]
}

/**
 * The chain of committed blocks. One append is one atomic, synced batch, so the latest height, its block and the state
 * always fit together. Appends come one after the other.
 *
 * Errors: BLOCK_OUT_OF_ORDER, and those of the KeyValueStore.
 */
export class BlockStore {
  readonly #db: KeyValueStore
  #appending = false

  constructor(db: KeyValueStore) {
    this.#db = db
  }

  /** Stores the block after the latest one; the first block may have any height. Durable when it resolves. */
  async append(block: StoredBlock): Promise<void> {
    if (this.#appending) throw outOfOrder(block.height, 'another block is being stored')
    this.#appending = true
    try {
      const latest = await this.latestHeight()
      if (!Number.isSafeInteger(block.height) || block.height < 0) throw outOfOrder(block.height, 'it is no height')
      if (latest !== undefined && block.height !== latest + 1) throw outOfOrder(block.height, `the latest is ${latest}`)
      await this.#db.batch(operationsOf(block, latest === undefined), { sync: true })
    } finally {
      this.#appending = false
    }
  }

  /** The bytes of the block at `height`; undefined if the store does not reach there. */
  blockAt(height: number): Promise<Uint8Array | undefined> {
    return this.#at('block', height)
  }

  commitAt(height: number): Promise<Uint8Array | undefined> {
    return this.#at('commit', height)
  }

  eventsAt(height: number): Promise<Uint8Array | undefined> {
    return this.#at('events', height)
  }

  async heightOf(hash: Hash): Promise<number | undefined> {
    return isHash(hash) ? this.#height(hashKey(hash)) : undefined
  }

  latestHeight(): Promise<number | undefined> {
    return this.#height(LATEST)
  }

  /** The state after the latest block. */
  latestState(): Promise<Uint8Array | undefined> {
    return this.#db.get(STATE)
  }

  /** What was last stored under the index key `key`. */
  indexed(key: string): Promise<Uint8Array | undefined> {
    return this.#db.get(INDEX + key)
  }

  /** The index entries of `range`, by the caller's keys. */
  async *indexRange(range: KeyRange): AsyncIterable<[key: string, value: Uint8Array]> {
    const gte = INDEX + (range.gte ?? '')
    const lt = range.lt === undefined ? INDEX_END : INDEX + range.lt
    for await (const [key, value] of this.#db.range({ ...range, gte, lt })) yield [key.slice(INDEX.length), value]
  }

  async #at(kind: string, height: number): Promise<Uint8Array | undefined> {
    if (!Number.isSafeInteger(height) || height < 0) return undefined
    const value = await this.#db.get(heightKey(kind, height))
    if (value !== undefined) return value
    const [first, latest] = [await this.#height(FIRST), await this.latestHeight()]
    if (first === undefined || latest === undefined || height < first || height > latest) return undefined
    throw corruptError('this node', `the ${kind} of height ${height} is missing`)
  }

  async #height(key: string): Promise<number | undefined> {
    const value = await this.#db.get(key)
    if (value === undefined) return undefined
    const text = new TextDecoder().decode(value)
    if (!/^\d{16}$/.test(text)) throw corruptError('this node', `${key} is no height`)
    return Number(text)
  }
}

function operationsOf(block: StoredBlock, isFirst: boolean): WriteOperation[] {
  const height = utf8(heightText(block.height))
  const put = (key: string, value: Uint8Array): WriteOperation => ({ type: 'put', key, value })
  return [
    put(heightKey('block', block.height), block.block),
    put(heightKey('commit', block.height), block.commit),
    put(heightKey('events', block.height), block.events),
    put(hashKey(block.hash), height),
    put(STATE, block.state),
    put(LATEST, height),
    ...(isFirst ? [put(FIRST, height)] : []),
    ...block.index.map(([key, value]) => put(INDEX + key, value)),
  ]
}

function heightText(height: number): string {
  return String(height).padStart(16, '0')
}

function heightKey(kind: string, height: number): string {
  return `${kind}/${heightText(height)}`
}

function hashKey(hash: Hash): string {
  return `hash/${hash}`
}

function outOfOrder(height: number, why: string): HydraError {
  return new HydraError('BLOCK_OUT_OF_ORDER', `Block ${height} cannot be stored now: ${why}.`)
}
