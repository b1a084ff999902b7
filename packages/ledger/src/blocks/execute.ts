import { type Commit, validatorOf, verifyCommit } from '@hydraai/consensus'
import { type Address, type Hash, HydraError, type VrfProof, verifyVrf } from '@hydraai/core'
import { beaconAlpha, nextBeacon } from '../committee/beacon.ts'
import { committeeOf, committeeOfMembers } from '../committee/committee.ts'
import { drawCommittee } from '../committee/draw.ts'
import { endsEpoch } from '../committee/epochs.ts'
import { punishMissedTurns } from '../committee/missedTurns.ts'
import { advanceDisputes } from '../disputes/dispute.ts'
import { applyRuling } from '../disputes/ruling.ts'
import { decayReputations } from '../economics/reputation.ts'
import { payForBlock } from '../economics/rewards.ts'
import { assertSupply } from '../economics/supply.ts'
import { releaseUnbondings } from '../economics/unbonding.ts'
import { LedgerError } from '../errors.ts'
import type { LedgerEvent } from '../events.ts'
import { applyModelUpdate } from '../rounds/aggregate.ts'
import { applyBase } from '../rounds/base.ts'
import { advanceRounds } from '../rounds/phases.ts'
import type { ComputedResult } from '../rounds/result.ts'
import { beginVerifications } from '../rounds/verify.ts'
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
  /** In the order of `compareResults`, no two of a kind about the same. */
  readonly results: readonly ComputedResult[]
}

/** Told of a transaction or result that does not apply. Throwing refuses the whole block. */
export interface OnRefused {
  transaction(transaction: SignedTransaction, error: HydraError): void
  result(result: ComputedResult, error: HydraError): void
}

/**
 * One block over a state, which stays as it is. At its start: draw of verifiers by this block's beacon, pay for the
 * block before, missed turns, release of what was unbonding. Then transactions and results. At its end: changes of phase,
 * moves of disputes that nobody made, and with an epoch's last block the next committee. The new state still carries its parent's block hash; sealing
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
  for (const result of input.results) {
    unlessRefused(
      () => draft.attempt(inner => applyResult(inner, result, changed)),
      error => onRefused.result(result, error),
    )
  }
  for (const model of draft.modelIds()) if (!changed.has(model)) advanceRounds(draft, model)
  advanceDisputes(draft)
  if (endsEpoch(parameters, height)) decayReputations(draft)
  drawCommittee(draft)
  const head = { height, time, beacon, proposer, lastCommittee: state.committee, history }
  const next = { ...state, ...draft.tables(), ...head }
  const { origin, events } = draft
  assertSupply(next, origin)
  return { state: next, events, origin }
}

/** `changed` are the models whose rounds a result of this block has changed: each was computed from what was before. */
function applyResult(draft: Draft, result: ComputedResult, changed: Set<string>): void {
  if (result.type === 'ruling') {
    applyRuling(draft, result)
    return
  }
  if (changed.has(result.model)) refuse(`it brings two results for ${result.model}`)
  if (result.type === 'model') applyModelUpdate(draft, result)
  else applyBase(draft, result)
  changed.add(result.model)
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
