import { fromHex, type Hash, HydraError, isHash, toHex, utf8 } from '@hydraai/core'
import { corruptError } from '../errors.ts'
import type { KeyRange, KeyValueStore, WriteOperation } from '../ports.ts'

const LATEST = 'chain/latest'
const FIRST = 'chain/first'
/** Which set of state entries is the one that counts: a restore writes another beside it, then turns this over. */
const GENERATION = 'chain/state-generation'
const STATE = 'state/'
const INDEX = 'index/'

/** What one write may hold of a state that is brought in whole. */
const ENTRIES_PER_BATCH = 2_000
const BYTES_PER_BATCH = 4 * 1024 * 1024

/** A committed block as it is stored; the caller chooses the encodings. */
export interface StoredBlock {
  height: number
  hash: Hash
  block: Uint8Array
  commit: Uint8Array
  events: Uint8Array
  /** Entries for look-ups by the caller's own keys, such as a transaction's id; they replace entries of the same key. */
  index: readonly (readonly [key: string, value: Uint8Array])[]
}

/** One line of the ledger's state. */
export interface StateEntry {
  key: string
  value: Uint8Array
}

/** What blocks change of the state's entries. */
export interface StateChange {
  put: readonly StateEntry[]
  del: readonly string[]
}

/**
 * The chain of committed blocks, and the entries of the state after the latest one. An append is one atomic, synced
 * batch, so the latest height, its block and the state always fit together. Writes come one after the other.
 *
 * Errors: BLOCK_OUT_OF_ORDER, and those of the KeyValueStore.
 */
export class BlockStore {
  readonly #db: KeyValueStore
  #writing = false

  constructor(db: KeyValueStore) {
    this.#db = db
  }

  /**
   * Stores blocks that follow each other and the latest one, and what they change of the state together; the first
   * block of all may have any height. Durable when it resolves.
   */
  append(blocks: readonly StoredBlock[], state: StateChange): Promise<void> {
    return this.#alone(blocks[0]?.height ?? -1, async () => {
      const latest = await this.latestHeight()
      let expected = latest === undefined ? blocks[0]?.height : latest + 1
      for (const { height } of blocks) {
        if (!Number.isSafeInteger(height) || height < 0) throw outOfOrder(height, 'it is no height')
        if (height !== expected) throw outOfOrder(height, `block ${expected} is expected`)
        expected = height + 1
      }
      if (blocks.length === 0) return
      const generation = await this.#generation()
      const operations = blocks.flatMap(operationsOf)
      for (const { key, value } of state.put) operations.push(put(stateKey(generation, key), value))
      for (const key of state.del) operations.push({ type: 'del', key: stateKey(generation, key) })
      operations.push(put(LATEST, heightBytes(blocks.at(-1)!.height)))
      if (latest === undefined) operations.push(put(FIRST, heightBytes(blocks[0]!.height)))
      await this.#db.batch(operations, { sync: true })
    })
  }

  /**
   * Begins anew at `block`, with the whole state after it: what was held before goes. Only its last write counts, so a
   * crash before that leaves the store as it was.
   */
  restore(block: StoredBlock, state: Iterable<StateEntry>): Promise<void> {
    return this.#alone(block.height, async () => {
      const latest = await this.latestHeight()
      if (!Number.isSafeInteger(block.height) || block.height <= (latest ?? -1))
        throw outOfOrder(block.height, `the latest is ${latest}`)
      await this.#clearOtherGenerations()
      const generation = (await this.#generation()) + 1
      let operations: WriteOperation[] = []
      let size = 0
      for (const { key, value } of state) {
        operations.push(put(stateKey(generation, key), value))
        size += value.length
        if (operations.length < ENTRIES_PER_BATCH && size < BYTES_PER_BATCH) continue
        await this.#db.batch(operations, { sync: true })
        operations = []
        size = 0
      }
      operations.push(...operationsOf(block), put(GENERATION, heightBytes(generation)))
      operations.push(put(LATEST, heightBytes(block.height)), put(FIRST, heightBytes(block.height)))
      await this.#db.batch(operations, { sync: true })
      await this.#clearOtherGenerations()
    })
  }

  /** Takes away what a restore that was cut off has left. */
  tidy(): Promise<void> {
    return this.#alone(-1, () => this.#clearOtherGenerations())
  }

  /**
   * Forgets at most `limit` of the blocks below `below`, the oldest first, with their commits, events and index entries;
   * their hashes by height stay. The latest block is never forgotten. Says how many it forgot.
   * @param indexKeysOf the keys that a stored block has in the index
   */
  async prune(
    below: number,
    options: { limit: number; indexKeysOf: (block: Uint8Array) => readonly string[] },
  ): Promise<number> {
    const latest = await this.latestHeight()
    const first = await this.firstHeight()
    if (latest === undefined || first === undefined) return 0
    const end = Math.min(below, latest)
    const operations: WriteOperation[] = []
    let last = -1
    let count = 0
    const range = { gte: heightKey('block', 0), lt: heightKey('block', Math.max(0, end)), limit: options.limit }
    for await (const [key, block] of this.#db.range(range)) {
      last = Number(key.slice('block/'.length))
      count++
      for (const kind of ['block', 'commit', 'events']) operations.push({ type: 'del', key: heightKey(kind, last) })
      for (const name of options.indexKeysOf(block)) operations.push({ type: 'del', key: INDEX + name })
      const hash = await this.hashAt(last)
      if (hash !== undefined) operations.push({ type: 'del', key: hashKey(hash) })
    }
    if (count === 0) return 0
    if (last >= first) operations.push(put(FIRST, heightBytes(last + 1)))
    await this.#db.batch(operations, { sync: false })
    return count
  }

  /** The bytes of the block at `height`; undefined if it is not held. */
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

  /** The hash of the block at `height`, also of one that was pruned since. */
  async hashAt(height: number): Promise<Hash | undefined> {
    if (!Number.isSafeInteger(height) || height < 0) return undefined
    const value = await this.#db.get(heightKey('block-hash', height))
    return value && (toHex(value) as Hash)
  }

  latestHeight(): Promise<number | undefined> {
    return this.#height(LATEST)
  }

  /** The lowest height from which on every block is held. */
  firstHeight(): Promise<number | undefined> {
    return this.#height(FIRST)
  }

  /** The entries of the state after the latest block, in ascending order of keys. */
  async *stateEntries(): AsyncIterable<StateEntry> {
    const prefix = stateKey(await this.#generation(), '')
    for await (const [key, value] of this.#db.range({ gte: prefix, lt: endOf(prefix) }))
      yield { key: key.slice(prefix.length), value }
  }

  /** What was last stored under the index key `key`. */
  indexed(key: string): Promise<Uint8Array | undefined> {
    return this.#db.get(INDEX + key)
  }

  /** The index entries of `range`, by the caller's keys. */
  async *indexRange(range: KeyRange): AsyncIterable<[key: string, value: Uint8Array]> {
    const gte = INDEX + (range.gte ?? '')
    const lt = range.lt === undefined ? endOf(INDEX) : INDEX + range.lt
    for await (const [key, value] of this.#db.range({ ...range, gte, lt })) yield [key.slice(INDEX.length), value]
  }

  async #alone<T>(height: number, work: () => Promise<T>): Promise<T> {
    if (this.#writing) throw outOfOrder(height, 'another block is being stored')
    this.#writing = true
    try {
      return await work()
    } finally {
      this.#writing = false
    }
  }

  async #generation(): Promise<number> {
    return (await this.#height(GENERATION)) ?? 0
  }

  async #clearOtherGenerations(): Promise<void> {
    const own = stateKey(await this.#generation(), '')
    for (const range of [
      { gte: STATE, lt: own },
      { gte: endOf(own), lt: endOf(STATE) },
    ]) {
      for (;;) {
        const operations: WriteOperation[] = []
        for await (const [key] of this.#db.range({ ...range, limit: ENTRIES_PER_BATCH }))
          operations.push({ type: 'del', key })
        if (operations.length === 0) break
        await this.#db.batch(operations, { sync: false })
      }
    }
  }

  async #at(kind: string, height: number): Promise<Uint8Array | undefined> {
    if (!Number.isSafeInteger(height) || height < 0) return undefined
    const value = await this.#db.get(heightKey(kind, height))
    if (value !== undefined) return value
    const [first, latest] = [await this.firstHeight(), await this.latestHeight()]
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

function operationsOf(block: StoredBlock): WriteOperation[] {
  return [
    put(heightKey('block', block.height), block.block),
    put(heightKey('commit', block.height), block.commit),
    put(heightKey('events', block.height), block.events),
    put(heightKey('block-hash', block.height), fromHex(block.hash)),
    put(hashKey(block.hash), heightBytes(block.height)),
    ...block.index.map(([key, value]) => put(INDEX + key, value)),
  ]
}

function put(key: string, value: Uint8Array): WriteOperation {
  return { type: 'put', key, value }
}

function heightText(height: number): string {
  return String(height).padStart(16, '0')
}

function heightBytes(height: number): Uint8Array {
  return utf8(heightText(height))
}

function heightKey(kind: string, height: number): string {
  return `${kind}/${heightText(height)}`
}

function hashKey(hash: Hash): string {
  return `hash/${hash}`
}

function stateKey(generation: number, key: string): string {
  return `${STATE}${String(generation).padStart(8, '0')}/${key}`
}

/** The first text after every key that begins with `prefix`, which ends in `/`. */
function endOf(prefix: string): string {
  return `${prefix.slice(0, -1)}0`
}

function outOfOrder(height: number, why: string): HydraError {
  return new HydraError('BLOCK_OUT_OF_ORDER', `Block ${height} cannot be stored now: ${why}.`)
}
