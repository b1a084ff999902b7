import type { Commit, Committee } from '@hydraai/consensus'
import { commitCodec, verifyCommit } from '@hydraai/consensus'
import { decode, encode, type Hash, HydraError } from '@hydraai/core'
import {
  applyBlock,
  type Block,
  blockCodec,
  blockHash,
  committeeOf,
  decodeState,
  encodeState,
  eventsCodec,
  type Genesis,
  genesisHash,
  genesisState,
  type LedgerEvent,
  type LedgerState,
  transactionId,
} from '@hydraai/ledger'
import { BlockStore, type Storage } from '@hydraai/storage'
import { Listeners } from '../listeners.ts'

/** The newest final block; height 0 is genesis. */
export interface Tip {
  readonly height: number
  readonly hash: Hash
  readonly time: number
  /** The precommits that made it final; null for genesis. */
  readonly commit: Commit | null
}

export interface CommittedBlock {
  readonly block: Block
  readonly hash: Hash
  readonly commit: Commit
  readonly events: readonly LedgerEvent[]
  readonly state: LedgerState
}

/**
 * The final blocks of one network and the state they lead to. The only writer of both: a block is on disk, with its
 * commit, events and state, before anybody hears of it.
 */
export class Chain {
  readonly genesis: Genesis
  readonly genesisHash: Hash
  readonly chainId: string
  readonly committed: Listeners<CommittedBlock>
  readonly #blocks: BlockStore
  #state: LedgerState
  #tip: Tip
  #writing: Promise<unknown> = Promise.resolve()

  private constructor(
    genesis: Genesis,
    blocks: BlockStore,
    state: LedgerState,
    tip: Tip,
    onError: (e: unknown) => void,
  ) {
    this.genesis = genesis
    this.genesisHash = genesisHash(genesis)
    this.chainId = genesis.chainId
    this.committed = new Listeners(onError)
    this.#blocks = blocks
    this.#state = state
    this.#tip = tip
  }

  /** Opens the stored chain, or begins one at genesis. Throws CHAIN_FOREIGN when the store belongs to another genesis. */
  static async open(options: {
    genesis: Genesis
    storage: Storage
    onListenerError?: (error: unknown) => void
  }): Promise<Chain> {
    const { genesis, storage, onListenerError = () => {} } = options
    const blocks = new BlockStore(storage.db)
    const height = (await blocks.latestHeight()) ?? 0
    const identity = genesisHash(genesis)
    if (height === 0) {
      const tip = { height: 0, hash: identity, time: genesis.time, commit: null }
      return new Chain(genesis, blocks, genesisState(genesis), tip, onListenerError)
    }
    const [first, block, commit, state] = await Promise.all([
      blocks.blockAt(1),
      blocks.blockAt(height),
      blocks.commitAt(height),
      blocks.latestState(),
    ])
    if (!first || !block || !commit || !state)
      throw new HydraError('STORAGE_CORRUPT', `The database names block ${height} but does not hold it.`, {
        advice: 'Move the data folder away and start again: the node fetches the chain from its peers.',
      })
    if (decode(blockCodec, first).header.parent !== identity)
      throw new HydraError('CHAIN_FOREIGN', 'The data folder holds the chain of another network.', {
        advice: 'Use another --data-dir for this network.',
      })
    const { header } = decode(blockCodec, block)
    const tip = { height, hash: blockHash(header), time: header.time, commit: decode(commitCodec, commit) }
    return new Chain(genesis, blocks, decodeState(state), tip, onListenerError)
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

  /** Who votes on the next block: fixed by the state of the block before it. */
  committee(): Committee {
    return committeeOf(this.#state)
  }

  /**
   * Makes `block` final. Checks the commit, applies the block (unless the caller already did, on this very state) and
   * writes everything in one synced batch. Throws, and changes nothing, when the block does not extend the tip.
   */
  append(
    block: Block,
    commit: Commit,
    applied?: { state: LedgerState; events: LedgerEvent[] },
  ): Promise<CommittedBlock> {
    const turn = this.#writing.then(() => this.#append(block, commit, applied))
    this.#writing = turn.catch(() => {})
    return turn
  }

  async #append(
    block: Block,
    commit: Commit,
    applied?: { state: LedgerState; events: LedgerEvent[] },
  ): Promise<CommittedBlock> {
    const { height } = block.header
    if (height !== this.height + 1)
      throw new HydraError('BLOCK_OUT_OF_ORDER', `Block ${height} does not follow block ${this.height}.`)
    const hash = blockHash(block.header)
    if (commit.height !== height || commit.valueId !== hash)
      throw new HydraError('COMMIT_INVALID', `The commit does not name block ${height}.`)
    verifyCommit(this.chainId, this.committee(), commit)
    const { state, events } = applied ?? applyBlock(this.#state, block)
    await this.#blocks.append({
      height,
      hash,
      block: encode(blockCodec, block),
      commit: encode(commitCodec, commit),
      events: encode(eventsCodec, [...events]),
      state: encodeState(state),
      index: block.transactions.map(transaction => [`transaction/${transactionId(transaction)}`, heightBytes(height)]),
    })
    this.#state = state
    this.#tip = { height, hash, time: block.header.time, commit }
    const committed = { block, hash, commit, events, state }
    this.committed.emit(committed)
    return committed
  }

  async blockAt(height: number): Promise<{ block: Block; commit: Commit; events: LedgerEvent[] } | undefined> {
    const [block, commit, events] = await Promise.all([
      this.#blocks.blockAt(height),
      this.#blocks.commitAt(height),
      this.#blocks.eventsAt(height),
    ])
    if (!block || !commit || !events) return undefined
    return {
      block: decode(blockCodec, block),
      commit: decode(commitCodec, commit),
      events: decode(eventsCodec, events),
    }
  }

  /** Block and commit as stored, for peers that sync and for export. */
  async rawBlockAt(height: number): Promise<{ block: Uint8Array; commit: Uint8Array } | undefined> {
    const [block, commit] = await Promise.all([this.#blocks.blockAt(height), this.#blocks.commitAt(height)])
    return block && commit ? { block, commit } : undefined
  }

  heightOf(hash: Hash): Promise<number | undefined> {
    return this.#blocks.heightOf(hash)
  }

  /** The height of the block that holds a transaction. */
  async heightOfTransaction(id: Hash): Promise<number | undefined> {
    const bytes = await this.#blocks.indexed(`transaction/${id}`)
    return bytes && new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
  }
}

function heightBytes(height: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, height)
  return bytes
}
