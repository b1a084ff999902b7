import { type Commit, makeCommittee, verifyCommit } from '@hydraai/consensus'
import { type Address, HydraError } from '@hydraai/core'
import { committeeOf } from '../committee.ts'
import { payForBlock } from '../economics/rewards.ts'
import { assertSupply } from '../economics/supply.ts'
import { LedgerError } from '../errors.ts'
import type { LedgerEvent } from '../events.ts'
import { nextBeacon } from '../genesis/genesisState.ts'
import { applyModelUpdate, type ModelUpdate } from '../rounds/aggregate.ts'
import { advanceRound } from '../rounds/phases.ts'
import { Draft } from '../state/draft.ts'
import type { LedgerState } from '../state/types.ts'
import { applyTransaction } from '../transactions/apply.ts'
import type { SignedTransaction } from '../transactions/transaction.ts'

/** What of a block changes the state. */
export interface BlockInput {
  readonly time: number
  readonly proposer: Address
  readonly lastCommit: Commit | null
  readonly transactions: Iterable<SignedTransaction>
  readonly modelUpdates: readonly ModelUpdate[]
}

/** Told of a transaction or model update that does not apply. Throwing refuses the whole block. */
export interface OnRefused {
  transaction(transaction: SignedTransaction, error: HydraError): void
  modelUpdate(update: ModelUpdate, error: HydraError): void
}

/**
 * One block over a state, which stays as it is: pays for the block before, then transactions, model updates and changes
 * of phase, in that order. The new state still carries its parent's block hash; sealing it is the caller's part.
 */
export function executeBlock(
  state: LedgerState,
  input: BlockInput,
  onRefused: OnRefused,
): { state: LedgerState; events: LedgerEvent[] } {
  const { time, proposer, lastCommit } = input
  const height = state.height + 1
  const committee = committeeOf(state).validators
  if (!Number.isSafeInteger(time) || time <= state.time)
    refuse(`its time is not later than that of block ${state.height}`)
  if (!committee.some(validator => validator.address === proposer)) refuse(`its proposer ${proposer} is no validator`)
  checkLastCommit(state, lastCommit)
  const beacon = nextBeacon(state.beacon, state.blockHash)
  const { chainId, parameters, founders } = state
  const draft = Draft.over(state, { chainId, parameters, founders, height, time, beacon })
  if (lastCommit !== null) payForBlock(draft, state.proposer!, lastCommit)
  for (const transaction of input.transactions) {
    unlessRefused(
      () => applyTransaction(draft, transaction),
      error => onRefused.transaction(transaction, error),
    )
  }
  const changed = new Set<string>()
  for (const update of input.modelUpdates) {
    unlessRefused(
      () => {
        draft.attempt(inner => applyModelUpdate(inner, update))
        changed.add(update.model)
      },
      error => onRefused.modelUpdate(update, error),
    )
  }
  for (const model of draft.modelIds()) if (!changed.has(model)) advanceRound(draft, draft.round(model))
  const next = { ...state, ...draft.tables(), height, time, beacon, proposer, lastCommittee: committee }
  assertSupply(next)
  return { state: next, events: draft.events }
}

/** The commit that a block carries must be the one that decided its parent. */
function checkLastCommit(state: LedgerState, commit: Commit | null): void {
  if (state.height === 0) {
    if (commit !== null) refuse('the first block has no block before it to carry a commit of')
    return
  }
  if (commit === null) refuse(`the commit of block ${state.height} is missing`)
  if (commit.height !== state.height || commit.valueId !== state.blockHash) {
    refuse(`the commit it carries is not for block ${state.height}`)
  }
  verifyCommit(state.chainId, makeCommittee(state.lastCommittee), commit)
}

function unlessRefused(step: () => void, refused: (error: HydraError) => void): void {
  try {
    step()
  } catch (error) {
    if (!(error instanceof HydraError)) throw error
    refused(error)
  }
}

function refuse(problem: string): never {
  throw new LedgerError('BLOCK_INVALID', `the block is not valid: ${problem}`)
}
