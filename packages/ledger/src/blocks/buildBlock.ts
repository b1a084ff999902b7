import type { Commit } from '@hydraai/consensus'
import type { Address, HydraError, VrfProof } from '@hydraai/core'
import { hashOfMembers } from '../committee/committee.ts'
import { LedgerError } from '../errors.ts'
import type { LedgerEvent } from '../events.ts'
import { type ComputedResult, compareResults, MAX_RULINGS } from '../rounds/result.ts'
import { stateRoot } from '../state/root.ts'
import type { LedgerState } from '../state/types.ts'
import { type SignedTransaction, transactionBytes } from '../transactions/transaction.ts'
import { type Block, blockBytes, commitHash, eventsRoot, headerModels, resultsRoot, transactionsRoot } from './block.ts'
import { executeBlock } from './execute.ts'
import type { Header } from './header.ts'
import { seal } from './seal.ts'

export interface BlockParts {
  readonly proposer: Address
  /** The proposer's, over `beaconAlpha` of the state. */
  readonly beaconProof: VrfProof
  /** Ms since the epoch; moved to just after the parent's time if it is not later. */
  readonly time: number
  /** In the order to try them. */
  readonly transactions: readonly SignedTransaction[]
  readonly results: readonly ComputedResult[]
  readonly lastCommit: Commit | null
}

export interface BuiltBlock {
  readonly block: Block
  /** After the block. */
  readonly state: LedgerState
  readonly events: LedgerEvent[]
  /** What was left out because it does not apply. What only found no room is not among them. */
  readonly refused: { readonly transaction: SignedTransaction; readonly error: HydraError }[]
}

/**
 * The next block with all of the transactions and results that apply and fit.
 * @throws LedgerError or another HydraError when the proposer or the last commit is not valid
 */
export function buildBlock(state: LedgerState, parts: BlockParts): BuiltBlock {
  const { proposer, beaconProof, lastCommit } = parts
  const { maxBlockBytes, maxBlockTransactions } = state.parameters
  const time = Math.max(parts.time, state.time + 1)
  const offered = inOrder(parts.results)
  const frame = blockBytes({ transactions: [], results: offered, lastCommit })
  if (frame > maxBlockBytes) throw new LedgerError('BLOCK_INVALID', 'the commit and the results alone fill the block')

  const refused: { transaction: SignedTransaction; error: HydraError }[] = []
  const transactions: SignedTransaction[] = []
  const results = [...offered]
  let size = frame
  function* fitting(): Generator<SignedTransaction> {
    for (const transaction of parts.transactions) {
      if (transactions.length >= maxBlockTransactions) return
      const bytes = transactionBytes(transaction).length
      if (size + bytes > maxBlockBytes) continue
      size += bytes
      transactions.push(transaction)
      yield transaction
    }
  }
  const {
    state: unsealed,
    events,
    origin,
  } = executeBlock(
    state,
    { time, proposer, beaconProof, lastCommit, transactions: fitting(), results: offered },
    {
      transaction(transaction, error) {
        transactions.pop() // the one just taken
        size -= transactionBytes(transaction).length
        refused.push({ transaction, error })
      },
      result: result => results.splice(results.indexOf(result), 1),
    },
  )
  const header: Header = {
    chainId: state.chainId,
    height: unsealed.height,
    time,
    proposer,
    beaconProof,
    parent: state.blockHash,
    lastCommit: commitHash(lastCommit),
    transactions: transactionsRoot(transactions),
    results: resultsRoot(results),
    events: eventsRoot(events),
    models: headerModels(unsealed),
    state: stateRoot(unsealed, origin),
    committee: hashOfMembers(state.committee),
    nextCommittee: hashOfMembers(unsealed.committee),
  }
  return {
    block: { header, transactions, results, lastCommit },
    state: seal(unsealed, header),
    events,
    refused,
  }
}

/** As a block has them: in order, the first of each kind about the same, so many rulings. */
function inOrder(results: readonly ComputedResult[]): ComputedResult[] {
  const first = results.filter((result, i) => results.findIndex(other => compareResults(other, result) === 0) === i)
  let rulings = 0
  return first.filter(({ type }) => type !== 'ruling' || rulings++ < MAX_RULINGS).sort(compareResults)
}
