import { decode, encode, HydraError, hash, type Infer, struct, uint } from '@hydraai/core'
import { encodeState, type LedgerState } from '@hydraai/ledger'
import { type KeyValueStore, MAX_BLOB_BYTES } from '@hydraai/storage'
import type { Library } from '../library.ts'
import type { Logger } from '../ports.ts'
import type { Chain } from './chain.ts'

/** Blocks from one snapshot to the next. */
export const SNAPSHOT_BLOCKS = 500
/** A newer one takes the place of the oldest: who fetches one has a whole span of time for it. */
const KEPT = 2

export const snapshotCodec = struct({
  height: uint,
  /** Of the block. */
  hash,
  /** Content id of the encoded state after the block. */
  id: hash,
  bytes: uint,
})
/** The state after a block, as content that anybody can fetch. Nothing of it is to be believed unchecked. */
export type Snapshot = Infer<typeof snapshotCodec>

const PREFIX = 'snapshot/'

/** Keeps the state of every so many blocks as content, for nodes that join late. */
export class Snapshots {
  readonly #chain: Chain
  readonly #db: KeyValueStore
  readonly #library: Library
  readonly #logger: Logger
  readonly #every: number
  #turn: Promise<unknown> = Promise.resolve()

  constructor(parts: { chain: Chain; db: KeyValueStore; library: Library; logger: Logger; every?: number }) {
    this.#chain = parts.chain
    this.#db = parts.db
    this.#library = parts.library
    this.#logger = parts.logger
    this.#every = parts.every ?? SNAPSHOT_BLOCKS
  }

  /**
   * Takes a snapshot of every block that is due, unless `target`, the height that this node is about to reach, makes it
   * old before anybody could want it. A node that holds no recent one begins with the block it stands at.
   */
  follow(target: () => number): void {
    this.#takeFirst().catch(error => this.#logger.warn('no snapshot was taken', { error: String(error) }))
    this.#chain.committed.add(({ state }) => {
      if (state.height % this.#every !== 0 || target() - state.height >= KEPT * this.#every) return
      this.take(state).catch(error => this.#logger.warn('no snapshot was taken', { error: String(error) }))
    })
  }

  async #takeFirst(): Promise<void> {
    const { state } = this.#chain
    const [newest] = await this.list()
    if (state.height >= this.#every && state.height - (newest?.height ?? 0) >= this.#every) await this.take(state)
  }

  /** Those that are held, newest first. */
  async list(): Promise<Snapshot[]> {
    const found: Snapshot[] = []
    for await (const [, value] of this.#db.range({ gte: PREFIX, lt: endOf(PREFIX), reverse: true }))
      found.push(decode(snapshotCodec, value))
    return found
  }

  /** Keeps the state as content. @throws HydraError BLOB_TOO_LARGE and those of the store */
  take(state: LedgerState): Promise<Snapshot> {
    return this.#inTurn(async () => {
      const bytes = encodeState(state)
      if (bytes.length > MAX_BLOB_BYTES)
        throw new HydraError('BLOB_TOO_LARGE', `The state has ${bytes.length} bytes, too many for a snapshot.`)
      const { height, blockHash } = state
      return this.#note({ height, hash: blockHash, id: await this.#library.put(bytes), bytes: bytes.length })
    })
  }

  /** A snapshot whose content is stored here already is given to others from now on. */
  keep(snapshot: Snapshot): Promise<Snapshot> {
    return this.#inTurn(() => this.#note(snapshot))
  }

  async #note(snapshot: Snapshot): Promise<Snapshot> {
    const key = `${PREFIX}${String(snapshot.height).padStart(16, '0')}`
    await this.#db.batch([{ type: 'put', key, value: encode(snapshotCodec, snapshot) }], { sync: false })
    const held = await this.list()
    const kept = new Set(held.slice(0, KEPT).map(({ id }) => id))
    for (const old of held.slice(KEPT)) {
      const oldKey = `${PREFIX}${String(old.height).padStart(16, '0')}`
      await this.#db.batch([{ type: 'del', key: oldKey }], { sync: false })
      if (!kept.has(old.id)) await this.#library.delete(old.id)
    }
    return snapshot
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work)
    this.#turn = turn.catch(() => {})
    return turn
  }
}

function endOf(prefix: string): string {
  return `${prefix.slice(0, -1)}0`
}
