import { type Commit, type Committee, commitCodec, committeeCodec, verifyCommit } from '@hydraai/consensus'
import { decode, type Hash, HydraError } from '@hydraai/core'
import {
  applyBlock,
  type Block,
  blockCodec,
  blockHash,
  changedEntries,
  committeeOf,
  eventsCodec,
  type Genesis,
  genesisHash,
  genesisState,
  type LedgerEvent,
  type LedgerState,
} from '@hydraai/ledger'
import { BlockStore, type Storage } from '@hydraai/storage'
import { Listeners } from '../listeners.ts'
import { openStored } from './openStored.ts'
import { committeeKey, type FinalBlock, heightOfBytes, indexKeysOf, storedBlock, transactionKey } from './stored.ts'

/** The newest final block; height 0 is genesis. */
export interface Tip {
  readonly height: number
  readonly hash: Hash
  readonly time: number
  /** The precommits that made it final; null for genesis. */
  readonly commit: Commit | null
}

export interface CommittedBlock extends FinalBlock {
  readonly state: LedgerState
}

/** A block that is said to be final, not yet checked. */
export interface IncomingBlock {
  readonly block: Block
  readonly commit: Commit
  /** Its encoding and that of its commit, if it came as such. */
  readonly raw?: { readonly block: Uint8Array; readonly commit: Uint8Array }
  /** What it leads to, if the caller applied it already, on the very state it follows. */
  readonly applied?: { readonly state: LedgerState; readonly events: readonly LedgerEvent[] }
}

/** A block with the state it led to, wholly checked against a header that is known to be final. */
export interface VerifiedSnapshot extends Omit<FinalBlock, 'raw'> {
  readonly state: LedgerState
}

/**
 * The final blocks of one network and the state they lead to. The only writer of both: a block is on disk, with its
 * commit, events and what it changes of the state, before anybody hears of it.
 */
export class Chain {
  readonly genesis: Genesis
  readonly genesisHash: Hash
  readonly chainId: string
  readonly committed: Listeners<CommittedBlock>
  /** The chain went on from a snapshot: blocks were left out. */
  readonly restored: Listeners<LedgerState>
  readonly #blocks: BlockStore
  #state: LedgerState
  #tip: Tip
  #lowest: number
  #writing: Promise<unknown> = Promise.resolve()

  private constructor(
    genesis: Genesis,
    blocks: BlockStore,
    stored: { state: LedgerState; tip: Tip; lowest: number },
    onError: (e: unknown) => void,
  ) {
    this.genesis = genesis
    this.genesisHash = genesisHash(genesis)
    this.chainId = genesis.chainId
    this.committed = new Listeners(onError)
    this.restored = new Listeners(onError)
    this.#blocks = blocks
    this.#state = stored.state
    this.#tip = stored.tip
    this.#lowest = stored.lowest
  }

  /**
   * Opens the stored chain, or begins one at genesis. Throws CHAIN_FOREIGN when the store belongs to another genesis,
   * CHAIN_FORMAT_OLD when an earlier release wrote it, STORAGE_CORRUPT.
   */
  static async open(options: {
    genesis: Genesis
    storage: Storage
    onListenerError?: (error: unknown) => void
  }): Promise<Chain> {
    const { genesis, storage, onListenerError = () => {} } = options
    const blocks = new BlockStore(storage.db)
    const stored = await openStored(blocks, genesis)
    if (stored !== undefined) return new Chain(genesis, blocks, stored, onListenerError)
    const tip = { height: 0, hash: genesisHash(genesis), time: genesis.time, commit: null }
    return new Chain(genesis, blocks, { state: genesisState(genesis), tip, lowest: 1 }, onListenerError)
  }

  get state(): LedgerState {
    return this.#state
  }

  get tip(): Tip {
    return this.#tip
  }

  get height(): number {
    return this.#tip.height
  }

  /** The first block from which on all are held: 1, or later when blocks were pruned or left out by a snapshot. */
  get lowest(): number {
    return this.#lowest
  }

  /** Who votes on the next block: fixed by the state of the block before it. */
  committee(): Committee {
    return committeeOf(this.#state)
  }

  /**
   * Makes `block` final. Checks the commit, applies the block (unless the caller already did, on this very state) and
   * writes everything in one synced batch. Throws, and changes nothing, when the block does not extend the tip.
   */
  async append(
    block: Block,
    commit: Commit,
    applied?: { state: LedgerState; events: readonly LedgerEvent[] },
  ): Promise<CommittedBlock> {
    const [committed] = await this.appendAll([{ block, commit, ...(applied && { applied }) }])
    return committed!
  }

  /**
   * Makes blocks final that follow each other, as {@link append} does, and writes them together. When one is refused,
   * those before it are final all the same, and the error of the one is thrown. `breathe` is called after each block that
   * was applied, so that a long row of them does not keep everything else waiting.
   */
  appendAll(
    blocks: readonly IncomingBlock[],
    breathe: (applied: Block) => Promise<void> | void = () => {},
  ): Promise<CommittedBlock[]> {
    return this.#inTurn(() => this.#append(blocks, breathe))
  }

  /** Goes on from a snapshot that lies ahead; what was held before is forgotten. All of it or, after a crash, nothing. */
  restore(snapshot: VerifiedSnapshot): Promise<void> {
    return this.#inTurn(async () => {
      const { hash, commit, block, state } = snapshot
      const { height, time } = block.header
      await this.#blocks.restore(storedBlock(snapshot, null, state), changedEntries(null, state).put)
      this.#state = state
      this.#tip = { height, hash, time, commit }
      this.#lowest = height
      this.restored.emit(state)
    })
  }

  /** Forgets at most `limit` of the blocks below `below`; says how many. */
  prune(below: number, limit: number): Promise<number> {
    return this.#inTurn(async () => {
      const count = await this.#blocks.prune(below, { limit, indexKeysOf })
      this.#lowest = (await this.#blocks.firstHeight()) ?? 1
      return count
    })
  }

  /** After the write that is under way, if there is one: before the storage is closed. */
  async idle(): Promise<void> {
    await this.#writing
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#writing.then(work)
    this.#writing = turn.catch(() => {})
    return turn
  }

  async #append(
    blocks: readonly IncomingBlock[],
    breathe: (applied: Block) => Promise<void> | void,
  ): Promise<CommittedBlock[]> {
    const committed: CommittedBlock[] = []
    let refusal: unknown = null
    for (const incoming of blocks) {
      try {
        committed.push(this.#extend(committed.at(-1) ?? null, incoming))
        await breathe(incoming.block)
      } catch (error) {
        refusal = error
        break
      }
    }
    const last = committed.at(-1)
    if (last) {
      const before = this.#state
      const stored = committed.map((one, i) => storedBlock(one, committed[i - 1]?.state ?? before, one.state))
      await this.#blocks.append(stored, changedEntries(before.height === 0 ? null : before, last.state))
      for (const one of committed) {
        this.#state = one.state
        const { height, time } = one.block.header
        this.#tip = { height, hash: one.hash, time, commit: one.commit }
        this.committed.emit(one)
      }
    }
    if (refusal !== null) throw refusal
    return committed
  }

  /** The block on top of `parent`, or of the tip. */
  #extend(parent: CommittedBlock | null, { block, commit, raw, applied }: IncomingBlock): CommittedBlock {
    const before = parent?.state ?? this.#state
    const { height } = block.header
    if (height !== before.height + 1)
      throw new HydraError('BLOCK_OUT_OF_ORDER', `Block ${height} does not follow block ${before.height}.`)
    const hash = blockHash(block.header)
    if (commit.height !== height || commit.valueId !== hash)
      throw new HydraError('COMMIT_INVALID', `The commit does not name block ${height}.`)
    verifyCommit(this.chainId, committeeOf(before), commit)
    const { state, events } = applied ?? applyBlock(before, block)
    return { block, hash, commit, events, state, raw }
  }

  async blockAt(height: number): Promise<{ block: Block; commit: Commit; events: LedgerEvent[] } | undefined> {
    const raw = await this.rawBlockAt(height)
    const events = await this.rawEventsAt(height)
    if (!raw || !events) return undefined
    return {
      block: decode(blockCodec, raw.block),
      commit: decode(commitCodec, raw.commit),
      events: decode(eventsCodec, events),
    }
  }

  /** Block and commit as stored, for peers that sync and for export. */
  async rawBlockAt(height: number): Promise<{ block: Uint8Array; commit: Uint8Array } | undefined> {
    const [block, commit] = await Promise.all([this.#blocks.blockAt(height), this.#blocks.commitAt(height)])
    return block && commit ? { block, commit } : undefined
  }

  /** The events of a block as stored. */
  rawEventsAt(height: number): Promise<Uint8Array | undefined> {
    return this.#blocks.eventsAt(height)
  }

  /** A committee by the hash that headers name it by; undefined for one of blocks that this node never held. */
  async committeeOf(hash: Hash): Promise<Committee | undefined> {
    const bytes = await this.#blocks.indexed(committeeKey(hash))
    return bytes && decode(committeeCodec, bytes)
  }

  heightOf(hash: Hash): Promise<number | undefined> {
    return this.#blocks.heightOf(hash)
  }

  /** The hash of the block at `height`, also of one that was pruned since; that of genesis at 0. */
  async hashAt(height: number): Promise<Hash | undefined> {
    return height === 0 ? this.genesisHash : this.#blocks.hashAt(height)
  }

  /** The height of the block that holds a transaction. */
  async heightOfTransaction(id: Hash): Promise<number | undefined> {
    const bytes = await this.#blocks.indexed(transactionKey(id))
    return bytes && heightOfBytes(bytes)
  }
}
