import {
  type Address,
  commitmentOf,
  contentIdOf,
  equalBytes,
  type Hash,
  HydraError,
  verdictDigest,
  ZERO_HASH,
} from '@hydraai/core'
import { type TrainedUnit, trainUnit, type UnitJob } from './unit.ts'
import { decodeUpdate } from './updateCodec.ts'

/** What the ledger holds of an update once it is revealed. Losses are the uint32 bits of a float32. */
export interface UnitClaim {
  readonly commitment: Hash
  readonly payload: Hash
  readonly payloadBytes: number
  readonly traceRoot: Hash
  readonly replayKeyHash: Hash
  readonly lossBefore: number
  readonly lossAfter: number
}

/** The first thing that is wrong with an update. */
export type Refutation =
  | 'payload-size'
  | 'payload-hash'
  | 'payload-structure'
  | 'commitment'
  | 'diverged'
  | 'loss-before'
  | 'loss-after'
  | 'payload-content'
  | 'trace-root'
  | 'replay-key'

/**
 * `replayKey` is what this verifier's own replay gave, and `digest` its proof of it under the verifier's address. An
 * update refuted before or during the replay has no key: then both are made of ZERO_HASH, for an invalid verdict's
 * digest is not looked at.
 */
export interface Verdict {
  readonly valid: boolean
  readonly reason: Refutation | null
  readonly replayKey: Hash
  readonly digest: Hash
}

export interface VerificationJob extends UnitJob {
  readonly claim: UnitClaim
  readonly payload: Uint8Array
  readonly verifier: Address
}

/**
 * Does the unit again and compares every bit. A function of its inputs: two honest verifiers never disagree. Throws
 * only for what is wrong on this machine, such as a model compiled for another batch size.
 */
export function verifyUnit(job: VerificationJob): Verdict {
  const verdict = (reason: Refutation | null, replayKey: Hash): Verdict => {
    return { valid: reason === null, reason, replayKey, digest: verdictDigest({ verifier: job.verifier, replayKey }) }
  }
  const structural = structureFault(job)
  if (structural !== null) return verdict(structural, ZERO_HASH)
  const replay = replayUnit(job)
  if (replay === null) return verdict('diverged', ZERO_HASH)
  return verdict(replayFault(job, replay), replay.replayKey)
}

/** What can be seen without a replay. */
function structureFault({ claim, payload, id, parameters }: VerificationJob): Refutation | null {
  if (payload.length !== claim.payloadBytes) return 'payload-size'
  if (contentIdOf(payload) !== claim.payload) return 'payload-hash'
  if (commitmentOf({ trainer: id.trainer, payload: claim.payload, traceRoot: claim.traceRoot }) !== claim.commitment) {
    return 'commitment'
  }
  try {
    decodeUpdate(payload, parameters.length)
  } catch (error) {
    if (error instanceof HydraError && error.code === 'UPDATE_INVALID') return 'payload-structure'
    throw error
  }
  return null
}

/** Null when the unit diverges: then nobody can have done it, whatever is claimed. */
function replayUnit(job: VerificationJob): TrainedUnit | null {
  try {
    return trainUnit(job)
  } catch (error) {
    if (error instanceof HydraError && error.code === 'NON_FINITE') return null
    throw error
  }
}

function replayFault({ claim, payload }: VerificationJob, replay: TrainedUnit): Refutation | null {
  if (replay.lossBefore !== claim.lossBefore) return 'loss-before'
  if (replay.lossAfter !== claim.lossAfter) return 'loss-after'
  if (!equalBytes(replay.payload, payload)) return 'payload-content'
  if (replay.traceRoot !== claim.traceRoot) return 'trace-root'
  if (replay.replayKeyHash !== claim.replayKeyHash) return 'replay-key'
  return null
}
