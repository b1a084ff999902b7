import { type Address, type Clock, decode, encode, type Hash, HydraError, type VrfProof } from '@hydraai/core'
import {
  applyBlock,
  type Block,
  beaconAlpha,
  blockCodec,
  blockHash,
  buildBlock,
  type ComputedResult,
  commitHash,
  type LedgerEvent,
  type LedgerState,
  resultsRoot,
  transactionsRoot,
} from '@hydraai/ledger'
import type { Chain } from '../chain/chain.ts'
import type { Mempool } from '../mempool/mempool.ts'
import type { Logger } from '../ports.ts'
import { timeToPropose } from './proposalTime.ts'

/** Where the host asks what the computations that the chain waits for really give. */
export interface ComputedResults {
  /** The results this node has computed itself and that `state` waits for. */
  ready(state: LedgerState): ComputedResult[]
  /** True when this node computed the very same; waits for a computation under way. */
  confirm(state: LedgerState, result: ComputedResult): Promise<boolean>
}

/** Who builds a block: its beacon proof is made with the key that votes. */
export interface Builder {
  readonly address: Address
  prove(alpha: Uint8Array): VrfProof
}

/** A block of the height under vote, decoded, with what it leads to. */
export interface Candidate {
  readonly hash: Hash
  readonly block: Block
  readonly bytes: Uint8Array
  /** Null until (and unless) it was found valid: that it applies is not enough, its results must be the true ones. */
  applied: { state: LedgerState; events: LedgerEvent[] } | null
  /** The judgement under way. */
  judging: Promise<boolean> | null
}

/**
 * A height that long stays undecided has other troubles than transactions: its later blocks are empty, so that a
 * stall of days fits into the log and the memory of a height.
 */
export const EMPTY_FROM_ROUND = 8

/** Builds blocks and judges those of others, on top of the chain's tip. */
export class BlockJudge {
  readonly #chain: Chain
  readonly #mempool: Mempool
  readonly #results: ComputedResults
  readonly #clock: Clock
  readonly #logger: Logger

  constructor(parts: { chain: Chain; mempool: Mempool; results: ComputedResults; clock: Clock; logger: Logger }) {
    this.#chain = parts.chain
    this.#mempool = parts.mempool
    this.#results = parts.results
    this.#clock = parts.clock
    this.#logger = parts.logger
  }

  build(proposer: Builder, round: number): Candidate {
    const { state, tip, genesis } = this.#chain
    const limit = round < EMPTY_FROM_ROUND ? genesis.parameters.maxBlockTransactions : 0
    const { block, ...applied } = buildBlock(state, {
      proposer: proposer.address,
      beaconProof: proposer.prove(beaconAlpha(state)),
      time: timeToPropose(tip.time, this.#clock.now()),
      transactions: this.#mempool.ordered(limit),
      results: this.#results.ready(state),
      lastCommit: tip.commit,
    })
    const { refused, ...result } = applied
    for (const { error } of refused) this.#logger.debug('left a transaction out of the block', { error: String(error) })
    return { hash: blockHash(block.header), block, bytes: encode(blockCodec, block), applied: result, judging: null }
  }

  /** Throws when the bytes are no block, or one whose body is not what its header (all that is ever signed) names. */
  decode(bytes: Uint8Array): Candidate {
    const limit = this.#chain.genesis.parameters.maxBlockBytes
    if (bytes.length > limit)
      throw new HydraError('BLOCK_TOO_LARGE', `A block of ${bytes.length} bytes; the limit is ${limit}.`)
    const block = decode(blockCodec, bytes, { maxBytes: limit })
    checkBody(block)
    return { hash: blockHash(block.header), block, bytes, applied: null, judging: null }
  }

  /**
   * Whether the block may follow the tip: by every rule of the ledger, and with the true results. What was valid
   * once stays so; what was not is looked at again, for payloads arrive. Its time is judged apart, by `isTimely`.
   */
  async judge(candidate: Candidate, proposer: Address): Promise<boolean> {
    if (candidate.block.header.proposer !== proposer) return false
    if (candidate.applied !== null) return true
    candidate.judging ??= this.#examine(candidate).finally(() => {
      candidate.judging = null
    })
    return candidate.judging
  }

  async #examine(candidate: Candidate): Promise<boolean> {
    const { block } = candidate
    try {
      const { state } = this.#chain
      const applied = applyBlock(state, block)
      for (const result of block.results)
        if (!(await this.#results.confirm(state, result)))
          throw new HydraError(
            'RESULT_WRONG',
            `The ${result.type} of round ${result.round} of ${result.model} is something else here.`,
          )
      candidate.applied = applied
      return true
    } catch (error) {
      this.#logger.warn('refused a proposed block', { height: block.header.height, error: String(error) })
      return false
    }
  }
}

/** A signature covers the header alone, so whoever passes a proposal on could have exchanged the rest. */
function checkBody({ header, transactions, results, lastCommit }: Block): void {
  const isWhole =
    header.transactions === transactionsRoot(transactions) &&
    header.results === resultsRoot(results) &&
    header.lastCommit === commitHash(lastCommit)
  if (!isWhole) throw new HydraError('BLOCK_INVALID', 'The body of the block is not the one its header names.')
}
