import {
  type Address,
  address,
  type Codec,
  hash,
  type Infer,
  list,
  type Micro,
  micro,
  nullable,
  struct,
  text,
  uint,
} from '@hydraai/core'
import { disputeKey, eventCodec, type LedgerEvent, type LedgerState, type UpdateRef } from '@hydraai/ledger'

export type UpdateEvent = Extract<LedgerEvent, { type: 'update' }>

/** More blocks than tell of an update, even of one with a long dispute. */
const MAX_HEIGHTS = 4_096

/** What is kept of an update beside the blocks that tell of it. */
export const updateRecordCodec = struct({
  model: text({ maxBytes: 32 }),
  round: uint,
  trainer: address,
  unit: uint,
  /** Its last `update` event, the block that has it and that block's time; null while it is under way. */
  decided: nullable(struct({ event: eventCodec as Codec<UpdateEvent>, height: uint, time: uint })),
  /** What it cost its trainer. */
  slashed: micro,
  /** Of its round and itself, what no event tells; null when this node has never seen the state that has it. */
  setting: nullable(struct({ beacon: hash, base: hash, residualBefore: nullable(hash) })),
  /** Block in which a dispute about it began. */
  disputedAt: nullable(uint),
  /** Blocks that tell of it, ascending. */
  heights: list(uint, { max: MAX_HEIGHTS }),
})
export type UpdateRecord = Infer<typeof updateRecordCodec>

/** Which update an event tells of; null for an event that tells of none. */
export function updateOf(event: LedgerEvent): UpdateRef | null {
  if (!('unit' in event) || !('round' in event) || !('model' in event)) return null
  const trainer: Address = 'trainer' in event ? event.trainer : event.account
  return { model: event.model, round: event.round, trainer, unit: event.unit }
}

export function newRecord({ model, round, trainer, unit }: UpdateRef): UpdateRecord {
  const nothing = { decided: null, slashed: 0n, setting: null, disputedAt: null, heights: [] }
  return { model, round, trainer, unit, ...nothing }
}

/** The record after one more event of the block at `height`; `state` is the one after that block, where it is known. */
export function addToRecord(
  record: UpdateRecord,
  event: LedgerEvent,
  { height, time, state }: { height: number; time: number; state: LedgerState | null },
): UpdateRecord {
  const known = record.heights.at(-1) === height || record.heights.length >= MAX_HEIGHTS
  return {
    ...record,
    decided: event.type === 'update' ? { event, height, time } : record.decided,
    slashed: record.slashed + slashedBy(event),
    setting: record.setting ?? settingOf(record, state),
    disputedAt: event.type === 'dispute' ? (record.disputedAt ?? height) : record.disputedAt,
    heights: known ? record.heights : [...record.heights, height],
  }
}

function slashedBy(event: LedgerEvent): Micro {
  return event.type === 'unit-slash' ? event.amount : 0n
}

function settingOf(ref: UpdateRef, state: LedgerState | null): UpdateRecord['setting'] {
  const found = state && standingIn(state, ref)
  if (!found) return null
  const { beacon, base, update } = found
  return { beacon, base, residualBefore: update.residualBefore }
}

/** An update that is under way, with its round's phase; null once nothing in the state tells of it. */
export function standingIn(state: LedgerState, ref: UpdateRef) {
  for (const round of [state.rounds.get(ref.model), state.settling.get(ref.model)]) {
    if (round?.number !== ref.round) continue
    const update = round.updates.find(({ trainer, unit }) => trainer === ref.trainer && unit === ref.unit)
    if (update) return { beacon: round.beacon, base: round.base, phase: round.phase, update }
  }
  const dispute = state.disputes.get(disputeKey(ref))
  return dispute ? { beacon: dispute.beacon, base: dispute.base, phase: null, update: dispute.update } : null
}
