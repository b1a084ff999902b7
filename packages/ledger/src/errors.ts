import { HydraError } from '@hydraai/core'

/** Every reason for which the ledger refuses something. Stable: programs may act on them. */
export type LedgerErrorCode =
  // genesis and snapshots
  | 'GENESIS_INVALID'
  | 'STATE_INVALID'
  // any transaction
  | 'TRANSACTION_INVALID'
  | 'CHAIN_MISMATCH'
  | 'SIGNATURE_INVALID'
  | 'NONCE_USED'
  | 'NONCE_AHEAD'
  | 'BALANCE_TOO_LOW'
  | 'AMOUNT_INVALID'
  | 'AMOUNT_OVERFLOW'
  // registration, stake, presence, evidence
  | 'ALREADY_REGISTERED'
  | 'NOT_REGISTERED'
  | 'WORK_INSUFFICIENT'
  | 'STAKE_TOO_LOW'
  | 'SLASHED'
  | 'EVIDENCE_REFUSED'
  | 'TOO_EARLY'
  // rounds
  | 'MODEL_UNKNOWN'
  | 'ROUND_NOT_CURRENT'
  | 'PHASE_WRONG'
  | 'UNIT_REFUSED'
  | 'FEE_UNPAID'
  | 'UPDATE_UNKNOWN'
  | 'COMMITMENT_MISMATCH'
  | 'PAYLOAD_SIZE_REFUSED'
  | 'NOT_DRAWN'
  | 'ALREADY_DONE'
  | 'RESIDUAL_REFUSED'
  | 'SEAL_MISMATCH'
  | 'PLANT_REFUSED'
  | 'DIGEST_MISMATCH'
  | 'CHALLENGE_REFUSED'
  | 'MODEL_UPDATE_REFUSED'
  | 'BASE_REFUSED'
  // disputes
  | 'DISPUTE_UNKNOWN'
  | 'MOVE_REFUSED'
  | 'RULING_REFUSED'
  // models that are published, and answers that are paid for
  | 'MODEL_EXISTS'
  | 'MODELS_FULL'
  | 'MODEL_REFUSED'
  | 'MODEL_NOT_FOUNDED'
  | 'RECEIPT_INVALID'
  // blocks
  | 'BLOCK_INVALID'
  | 'SUPPLY_BROKEN'
  // light client
  | 'LIGHT_BLOCK_INVALID'
  | 'LIGHT_TRUST_EXPIRED'
  | 'LIGHT_TRUST_MISSING'
  | 'PROOF_INVALID'

/** The ledger refused something: a transaction, a block, a genesis file. State is as it was before. */
export class LedgerError extends HydraError<LedgerErrorCode> {
  override name = 'LedgerError'
}
