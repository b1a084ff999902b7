import type { Address, Micro } from '@hydraai/core'
import { shareOf } from '../models/reward.ts'
import type { Draft } from '../state/draft.ts'
import type { Round, Update } from '../state/types.ts'
import { smaller } from './money.ts'

/**
 * A round's updates with what each of them costs if it is refuted: the penalty for a unit of this model, or the trainer's part
 * of what it has at stake and not yet at risk for other units. So the sum over all of a trainer's units never exceeds its
 * stake, and many at once are not cheaper than one. An update that is not among the `included` ones has none: its
 * payload may still vanish once the verifiers are known, so all of them replay it.
 */
export function withExposures(draft: Draft, round: Round, included: ReadonlySet<number>): Round {
  const { penalties } = draft.block.parameters
  const cap = shareOf(penalties.unit, draft.model(round.model).rewardPpm)
  const counts = new Map<Address, bigint>()
  for (const [index, { trainer }] of round.updates.entries()) {
    if (included.has(index)) counts.set(trainer, (counts.get(trainer) ?? 0n) + 1n)
  }
  const parts = new Map<Address, Micro>()
  const atRisk = exposures(draft, new Set(counts.keys()))
  for (const [trainer, count] of counts) {
    const free = draft.account(trainer).stake - (atRisk.get(trainer) ?? 0n)
    parts.set(trainer, free > 0n ? smaller(cap, free / count) : 0n)
  }
  const updates = round.updates.map((update, index) => ({
    ...update,
    exposure: included.has(index) ? parts.get(update.trainer)! : 0n,
  }))
  return { ...round, updates }
}

/** What these trainers have at risk for units that are not decided yet. */
function exposures(draft: Draft, trainers: ReadonlySet<Address>): Map<Address, Micro> {
  const sums = new Map<Address, Micro>()
  const add = ({ trainer, exposure, outcome }: Update) => {
    if (!trainers.has(trainer) || (outcome !== 'pending' && outcome !== 'disputed')) return
    sums.set(trainer, (sums.get(trainer) ?? 0n) + exposure)
  }
  for (const [, round] of draft.settling.entries()) {
    // Those in a dispute are counted there.
    for (const update of round.updates) if (update.outcome === 'pending') add(update)
  }
  for (const [, dispute] of draft.disputes.entries()) add(dispute.update)
  return sums
}
