import {
  type Address,
  type Hash,
  isFiniteFloat32Bits,
  nullable,
  sealOf,
  segmentKeysRoot,
  segmentsOf,
  struct,
  uintMax,
  type VrfProof,
  vrfProof,
} from '@hydraai/core'
import { LedgerError } from '../errors.ts'
import { isEntitledToPlant } from '../rounds/plants.ts'
import { replaceUpdate, requireSettling, requireUpdate, trainerOpensUntil } from '../rounds/round.ts'
import { segmentKeys } from '../state/codec.ts'
import type { Round, Update } from '../state/types.ts'
import type { TransactionContext } from './context.ts'
import { updateRefFields } from './updateRef.ts'

/** Opens the claims that a trainer sealed. If the trainer has vanished, whoever replayed the unit knows them too. */
export interface OpenUnit {
  readonly type: 'open'
  readonly model: string
  readonly round: number
  readonly trainer: Address
  readonly unit: number
  /** As sealed: float32 bits. */
  readonly lossBefore: number
  readonly lossAfter: number
  /** Keys of all segments. */
  readonly keys: readonly Hash[]
  /** Says that the sealed `lossAfter` was false on purpose: the true one, and the VRF proof that allows it. */
  readonly planted: { readonly lossAfter: number; readonly proof: VrfProof } | null
}

const bits = uintMax(0xffffffff)

export const openFields = {
  ...updateRefFields,
  lossBefore: bits,
  lossAfter: bits,
  keys: segmentKeys,
  planted: nullable(struct({ lossAfter: bits, proof: vrfProof })),
}

export function applyOpen(context: TransactionContext, action: OpenUnit): void {
  const { draft, sender, transaction } = context
  const { model, trainer, unit, lossBefore, keys } = action
  const round = requireSettling(draft, model, action.round, 'disclose')
  const update = requireUpdate(round, trainer, unit)
  if (update.outcome !== 'pending' || update.claims !== null)
    throw new LedgerError('ALREADY_DONE', `unit ${unit} of ${trainer} needs no opening`)
  if (sender !== trainer)
    requireStandIn(update, sender, draft.block.height > trainerOpensUntil(round, draft.block.parameters))
  requireSealed(update, action, segmentsOf(draft.model(model).recipe))
  if (action.planted !== null) requirePlant(context, round, action, action.planted)
  const losses = { lossBefore, lossAfter: (action.planted ?? action).lossAfter, planted: action.planted !== null }
  draft.settling.set(model, replaceUpdate(round, { ...update, claims: { ...losses, keys } }))
  draft.updateAccount(sender, { lastActive: draft.block.height })
  const place = { model, round: round.number, trainer, unit }
  draft.events.push({ type: 'open', transaction, account: sender, ...place, ...losses })
}

/** A verifier may stand in for the trainer, when that has had its block. */
function requireStandIn({ trainer, unit, verdicts }: Update, sender: Address, isTime: boolean): void {
  if (!verdicts.some(verdict => verdict.verifier === sender))
    throw new LedgerError('NOT_DRAWN', `${sender} gave no verdict on unit ${unit} of ${trainer}`)
  if (!isTime) throw new LedgerError('TOO_EARLY', `${trainer} may open its unit ${unit} itself first`)
}

function requireSealed({ trainer, unit, seal }: Update, claims: OpenUnit, segments: number): void {
  const { lossBefore, lossAfter, keys } = claims
  const isWhole = keys.length === segments && [lossBefore, lossAfter].every(isFiniteFloat32Bits)
  if (!isWhole || sealOf({ lossBefore, lossAfter, keysRoot: segmentKeysRoot(keys) }) !== seal)
    throw new LedgerError('SEAL_MISMATCH', `this is not what ${trainer} claimed of unit ${unit} when it sealed it`)
}

function requirePlant(
  { draft, sender, publicKey }: TransactionContext,
  { model, number, beacon }: Round,
  { trainer, unit, lossAfter }: OpenUnit,
  planted: NonNullable<OpenUnit['planted']>,
): void {
  const { chainId, parameters } = draft.block
  const place = { chainId, model, round: number, unit, beacon }
  const isOther = planted.lossAfter !== lossAfter && isFiniteFloat32Bits(planted.lossAfter)
  const account = draft.account(trainer)
  if (sender !== trainer || !isOther || !isEntitledToPlant(account, parameters, publicKey, place, planted.proof))
    throw new LedgerError('PLANT_REFUSED', `unit ${unit} of ${trainer} is none that may seal a false loss`)
}
