import { HydraError } from '@hydraai/core'
import { hashOfMembers } from '../committee/committee.ts'
import { LedgerError } from '../errors.ts'
import type { LedgerEvent } from '../events.ts'
import { compareResults, MAX_RULINGS } from '../rounds/result.ts'
import { stateRoot } from '../state/root.ts'
import type { LedgerState } from '../state/types.ts'
import { type Block, blockBytes, commitHash, eventsRoot, headerModels, resultsRoot, transactionsRoot } from './block.ts'
import { executeBlock } from './execute.ts'
import type { HeaderModel } from './header.ts'
import { seal } from './seal.ts'

/**
 * Checks a block wholly against its parent's state and applies it: header, last commit with every signature, each
 * transaction and result, size. The given state is not changed. Not checked, because the ledger cannot: that the
 * time is near the present, whose turn it was to propose, and that what is said to have been computed is right.
 * @throws LedgerError BLOCK_INVALID, whose cause tells the part; nothing has happened then
 */
export function applyBlock(state: LedgerState, block: Block): { state: LedgerState; events: LedgerEvent[] } {
  try {
    checkHeader(state, block)
    const { header, transactions, results, lastCommit } = block
    const { time, proposer, beaconProof } = header
    const input = { time, proposer, beaconProof, lastCommit, transactions, results }
    const { state: next, events, origin } = executeBlock(state, input, { transaction: rethrow, result: rethrow })
    if (!sameModels(headerModels(next), header.models)) refuse('its header names other models than it leads to')
    expect('root of events', header.events, eventsRoot(events))
    expect('next committee', header.nextCommittee, hashOfMembers(next.committee))
    expect('state root', header.state, stateRoot(next, origin))
    return { state: seal(next, header), events }
  } catch (cause) {
    if (!(cause instanceof HydraError) || cause.code === 'BLOCK_INVALID' || cause.code === 'SUPPLY_BROKEN') throw cause
    throw new LedgerError('BLOCK_INVALID', `the block is not valid: ${cause.message}`, { cause })
  }
}

/** What can be told without carrying the block out. */
function checkHeader(state: LedgerState, block: Block): void {
  const { header, transactions, results, lastCommit } = block
  const { maxBlockBytes, maxBlockTransactions } = state.parameters
  expect('chain', header.chainId, state.chainId)
  expect('height', header.height, state.height + 1)
  expect('parent', header.parent, state.blockHash)
  expect('committee', header.committee, hashOfMembers(state.committee))
  if (transactions.length > maxBlockTransactions) refuse(`${transactions.length} transactions are too many`)
  if (blockBytes(block) > maxBlockBytes) refuse(`it is larger than ${maxBlockBytes} bytes`)
  if (results.some((result, i) => i > 0 && compareResults(results[i - 1]!, result) >= 0))
    refuse('its results are not in order')
  if (results.filter(({ type }) => type === 'ruling').length > MAX_RULINGS) refuse('it brings too many rulings')
  expect('last commit', header.lastCommit, commitHash(lastCommit))
  expect('root of transactions', header.transactions, transactionsRoot(transactions))
  expect('root of results', header.results, resultsRoot(results))
}

function expect(what: string, found: string | number, expected: string | number): void {
  if (found !== expected) refuse(`its ${what} is ${found}, not ${expected}`)
}

function sameModels(a: readonly HeaderModel[], b: readonly HeaderModel[]): boolean {
  const same = (x: HeaderModel, y: HeaderModel | undefined) =>
    x.id === y?.id && x.version === y.version && x.parameters === y.parameters
  return a.length === b.length && a.every((model, i) => same(model, b[i]))
}

function rethrow(_what: unknown, error: HydraError): never {
  throw error
}

function refuse(problem: string): never {
  throw new LedgerError('BLOCK_INVALID', `the block is not valid: ${problem}`)
}
