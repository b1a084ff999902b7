import { disputeKey } from '@hydraai/ledger'
import type { HydraNode } from '../../node.ts'
import type { LedgerIndex } from '../history/ledgerIndex.ts'
import type { UpdateRecord } from '../history/updateRecord.ts'
import type { DisputeRow, DisputesAnswer } from '../http/schemas.ts'
import { labelOf } from './updates.ts'
import { questionText } from './words.ts'

/** Disputes, open and ended, the newest first. */
export async function disputesAnswer(
  node: HydraNode,
  index: LedgerIndex,
  page: { before?: string | undefined; limit: number },
): Promise<DisputesAnswer> {
  const { found, before } = await index.updates.disputes(page.limit, page.before)
  return { open: node.state.disputes.size, disputes: found.map(record => disputeRow(node, record)), before }
}

/** The dispute about an update that there is or was one about. */
export function disputeRow(node: HydraNode, record: UpdateRecord): DisputeRow {
  const { model, round, trainer, unit, disputedAt, decided } = record
  const dispute = node.state.disputes.get(disputeKey(record))
  const nameOf = node.nameOf.bind(node)
  return {
    model,
    round,
    trainer,
    trainerName: nameOf(trainer),
    unit,
    label: labelOf(node, record),
    openedAt: dispute?.openedAt ?? disputedAt ?? 0,
    until: dispute?.until ?? null,
    open: dispute !== undefined,
    question: dispute ? questionText(dispute.question, trainer, nameOf) : null,
    outcome: dispute ? null : (decided?.event.outcome ?? null),
  }
}
