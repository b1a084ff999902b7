import { type Commit, validatorOf, verifyCommit } from '@hydraai/consensus'
import { type Address, type Hash, HydraError, type VrfProof, verifyVrf } from '@hydraai/core'
import { beaconAlpha, nextBeacon } from '../committee/beacon.ts'
import { committeeOf, committeeOfMembers } from '../committee/committee.ts'
import { drawCommittee } from '../committee/draw.ts'
import { punishMissedTurns } from '../committee/missedTurns.ts'
import { payForBlock } from '../economics/rewards.ts'
import { assertSupply } from '../economics/supply.ts'
import { releaseUnbondings } from '../economics/unbonding.ts'
import { LedgerError } from '../errors.ts'
import type { LedgerEvent } from '../events.ts'
import { applyModelUpdate, type ModelUpdate } from '../rounds/aggregate.ts'
import { advanceRound, beginVerifications } from '../rounds/phases.ts'
import { Draft } from '../state/draft.ts'
import { appendHash } from '../state/history.ts'
import type { Origin } from '../state/origin.ts'
import type { LedgerState } from '../state/types.ts'
import { applyTransaction } from '../transactions/apply.ts'
import type { SignedTransaction } from '../transactions/transaction.ts'

/** What of a block changes the state. */
export interface BlockInput {
  readonly time: number
  readonly proposer: Address
  /** The proposer's, over `beaconAlpha` of the state. */
  readonly beaconProof: VrfProof
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
 * One block over a state, which stays as it is. At its start: draw of verifiers by this block's beacon, pay for the
 * block before, missed turns, release of what was unbonding. Then transactions and model updates. At its end: changes of
 * phase, and with an epoch's last block the next committee. The new state still carries its parent's block hash; sealing
 * it is the caller's part.
 */
export function executeBlock(
  state: LedgerState,
  input: BlockInput,
  onRefused: OnRefused,
): { state: LedgerState; events: LedgerEvent[]; origin: Origin } {
  const { time, proposer, lastCommit } = input
  const height = state.height + 1
  if (!Number.isSafeInteger(time) || time <= state.time)
    refuse(`its time is not later than that of block ${state.height}`)
  checkLastCommit(state, lastCommit)
  const beacon = beaconOf(state, proposer, input.beaconProof)
  const { chainId, parameters, founders } = state
  const history = appendHash(state.history, state.height, state.blockHash)
  const draft = Draft.over(state, { chainId, parameters, founders, height, time, beacon, proposer, history })
  beginVerifications(draft)
  if (lastCommit !== null) {
    payForBlock(draft, state.proposer!, lastCommit)
    punishMissedTurns(draft, state, lastCommit)
  }
  releaseUnbondings(draft)
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
  drawCommittee(draft)
  const head = { height, time, beacon, proposer, lastCommittee: state.committee, history }
  const next = { ...state, ...draft.tables(), ...head }
  const { origin, events } = draft
  assertSupply(next, origin)
  return { state: next, events, origin }
}

/** The beacon of the block that `proposer` proposes after `state`. */
function beaconOf(state: LedgerState, proposer: Address, proof: VrfProof): Hash {
  const validator = validatorOf(committeeOf(state), proposer)
  if (validator === undefined) refuse(`its proposer ${proposer} is no validator`)
  const beta = verifyVrf(validator.publicKey, beaconAlpha(state), proof)
  if (beta === null) refuse('the proof of its beacon is not of its proposer')
  return nextBeacon(state.beacon, beta)
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
  verifyCommit(state.chainId, committeeOfMembers(state.lastCommittee), commit)
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
