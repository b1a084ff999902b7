import { commitmentOf, type Hash, hash, MAX_SEGMENTS, nullable, uint } from '@hydraai/core'
import { LedgerError } from '../errors.ts'
import { modelIdField } from '../genesis/modelId.ts'
import { replaceUpdate, requirePhase, requireUpdate } from '../rounds/round.ts'
import type { TransactionContext } from './context.ts'

/** Opens a commitment: from here on everyone may fetch the payload by its hash. */
export interface RevealUnit {
  readonly type: 'reveal'
  readonly model: string
  readonly round: number
  readonly unit: number
  /** Content id of the encoded update. */
  readonly payload: Hash
  readonly payloadBytes: number
  readonly traceRoot: Hash
  /** Content id of what the update leaves out; null unless the recipe's compression is sparse. */
  readonly residual: Hash | null
}

export const revealFields = {
  model: modelIdField,
  round: uint,
  unit: uint,
  payload: hash,
  payloadBytes: uint,
  traceRoot: hash,
  residual: nullable(hash),
}

export function applyReveal({ draft, sender, transaction }: TransactionContext, action: RevealUnit): void {
  const { model, unit, payload, payloadBytes, traceRoot, residual } = action
  const round = requirePhase(draft, model, action.round, 'reveal')
  const update = requireUpdate(round, sender, unit)
  if (update.reveal !== null) throw new LedgerError('ALREADY_DONE', `unit ${unit} of ${sender} is revealed already`)
  if (commitmentOf({ trainer: sender, payload, traceRoot, residual }) !== update.commitment) {
    throw new LedgerError('COMMITMENT_MISMATCH', `what is revealed of unit ${unit} is not what was committed to`)
  }
  const { recipe, parameterCount } = draft.model(model)
  if ((residual !== null) !== (recipe.compression.type === 'sparse'))
    throw new LedgerError('RESIDUAL_REFUSED', `only an update of sparse compression leaves something out, and names it`)
  const limit = maxPayloadBytes(parameterCount)
  if (payloadBytes < 1 || payloadBytes > limit) {
    throw new LedgerError(
      'PAYLOAD_SIZE_REFUSED',
      `a payload of ${payloadBytes} bytes is refused: 1 to ${limit} are allowed`,
    )
  }
  draft.rounds.set(model, replaceUpdate(round, { ...update, reveal: { payload, payloadBytes, traceRoot, residual } }))
  draft.events.push({ type: 'reveal', transaction, account: sender, model, round: round.number, unit, payload })
}

/** A byte for each parameter, room for a scale with every 128 of them, the leaves of the trace and a header. */
export function maxPayloadBytes(parameterCount: number): number {
  return parameterCount + Math.ceil(parameterCount / 32) + 32 * MAX_SEGMENTS + 1024
}
