import type { Address, Clock } from '@hydraai/core'
import { decode, encode, type Hash, HydraError } from '@hydraai/core'
import {
  applyBlock,
  type Block,
  blockCodec,
  blockHash,
  buildBlock,
  type LedgerEvent,
  type LedgerState,
  type ModelUpdate,
} from '@hydraai/ledger'
import type { Chain } from '../chain/chain.ts'
import type { Mempool } from '../mempool.ts'
import type { Logger } from '../ports.ts'

/** Where the host asks what a round's aggregation really gives. */
export interface ModelUpdates {
  /** The updates this node has computed itself and that `state` waits for. */
  ready(state: LedgerState): ModelUpdate[]
  /** True when this node computed the very same hashes; waits for a computation under way. */
  confirm(state: LedgerState, update: ModelUpdate): Promise<boolean>
}

/** A block of the height under vote, decoded, with what it leads to. */
export interface Candidate {
  readonly hash: Hash
  readonly block: Block
  readonly bytes: Uint8Array
  /** Null until (and unless) it was found to apply. */
  applied: { state: LedgerState; events: LedgerEvent[] } | null
}

/** A proposer's clock may run ahead of ours by this much. */
const MAX_CLOCK_LEAD_MS = 10_000

/**
 * A height that long stays undecided has other troubles than transactions: its later blocks are empty, so that a
 * stall of days fits into the log and the memory of a height.
 */
const EMPTY_FROM_ROUND = 8

/** Builds blocks and judges those of others, on top of the chain's tip. */
export class BlockJudge {
  readonly #chain: Chain
  readonly #mempool: Mempool
  readonly #updates: ModelUpdates
  readonly #clock: Clock
  readonly #logger: Logger

  constructor(parts: { chain: Chain; mempool: Mempool; updates: ModelUpdates; clock: Clock; logger: Logger }) {
    this.#chain = parts.chain
    this.#mempool = parts.mempool
    this.#updates = parts.updates
    this.#clock = parts.clock
    this.#logger = parts.logger
  }

  build(proposer: Address, round: number): Candidate {
    const { state, tip, genesis } = this.#chain
    const limit = round < EMPTY_FROM_ROUND ? genesis.parameters.maxBlockTransactions : 0
    const { block, ...applied } = buildBlock(state, {
      proposer,
      time: Math.max(this.#clock.now(), tip.time + 1),
      transactions: this.#mempool.ordered(limit),
      modelUpdates: this.#updates.ready(state),
      lastCommit: tip.commit,
    })
    const { refused, ...result } = applied
    for (const { error } of refused) this.#logger.debug('left a transaction out of the block', { error: String(error) })
    return { hash: blockHash(block.header), block, bytes: encode(blockCodec, block), applied: result }
  }

  /** Throws when the bytes are no block. */
  decode(bytes: Uint8Array): Candidate {
    const limit = this.#chain.genesis.parameters.maxBlockBytes
    if (bytes.length > limit)
      throw new HydraError('BLOCK_TOO_LARGE', `A block of ${bytes.length} bytes; the limit is ${limit}.`)
    const block = decode(blockCodec, bytes, { maxBytes: limit })
    return { hash: blockHash(block.header), block, bytes, applied: null }
  }

  /** Whether the block may follow the tip: by every rule of the ledger, by the clock, and with the true model hashes. */
  async judge(candidate: Candidate, proposer: Address): Promise<boolean> {
    const { block } = candidate
    try {
      if (block.header.proposer !== proposer) throw new HydraError('BLOCK_INVALID', 'The block names another proposer.')
      if (block.header.time > this.#clock.now() + MAX_CLOCK_LEAD_MS)
        throw new HydraError('BLOCK_INVALID', 'The block comes from the future.')
      const { state } = this.#chain
      candidate.applied = applyBlock(state, block)
      for (const update of block.modelUpdates)
        if (!(await this.#updates.confirm(state, update)))
          throw new HydraError(
            'MODEL_HASH_WRONG',
            `Round ${update.round} of ${update.model} gives other parameters here.`,
          )
      return true
    } catch (error) {
      candidate.applied = null
      this.#logger.warn('refused a proposed block', { height: block.header.height, error: String(error) })
      return false
    }
  }
}
