import { type Hash, segmentsOf } from '@hydraai/core'
import { shareOf } from '../models/reward.ts'
import type { Draft } from '../state/draft.ts'
import { compareKeys } from '../state/sortedTable.ts'
import type { DrawnVerifier, Round, Update, UpdateRef } from '../state/types.ts'
import { auditPlan, auditRate } from './audit.ts'
import {
  drawVerifiers,
  randomFor,
  VERIFIERS_OF_STRANGER,
  VERIFIERS_PER_UPDATE,
  type VerifierPool,
  verifierPool,
} from './draw.ts'
import { enterPhase } from './round.ts'
import { pendingOf } from './update.ts'
import { weightOf } from './weight.ts'

/**
 * At the start of a block: where a round came to its verification with the block before, the verifiers are drawn by this
 * block's beacon, which nobody knew while anything about the updates could still be chosen.
 */
export function beginVerifications(draft: Draft): void {
  let pool: VerifierPool | undefined
  for (const model of draft.modelIds()) {
    const round = draft.settling.get(model)
    if (round?.phase !== 'verify' || round.drawBeacon !== null) continue
    pool ??= verifierPool(draft)
    draft.settling.set(model, withVerifiers(draft, round, pool))
  }
}

type DrawnRound = Round & { readonly drawBeacon: Hash }

function withVerifiers(draft: Draft, round: Round, pool: VerifierPool): Round {
  const { beacon: drawBeacon } = draft.block
  const { lossBits: heldOutLoss } = draft.model(round.model).evaluation
  const updates = round.updates.map(update =>
    update.outcome === 'pending' ? drawn(draft, { ...round, drawBeacon }, update, pool) : update,
  )
  return { ...round, drawBeacon, heldOutLoss, updates }
}

function drawn(draft: Draft, round: DrawnRound, update: Update, pool: VerifierPool): Update {
  const { trainer, unit } = update
  const ref: UpdateRef = { model: round.model, round: round.number, trainer, unit }
  const trainerWeight = weightOf(draft.account(trainer), draft.block.parameters)
  const count = trainerWeight === 0n ? VERIFIERS_OF_STRANGER : VERIFIERS_PER_UPDATE
  const inOrder = drawVerifiers(pool, round.drawBeacon, ref, count)
  const segments = planFor(draft, round, update, inOrder.length)
  const verifiers: DrawnVerifier[] = inOrder.map((verifier, i) => ({ ...verifier, segments: segments[i]! }))
  verifiers.sort((a, b) => compareKeys(a.address, b.address))
  return { ...update, trainerWeight, verifiers }
}

/** Segments for each of so many verifiers, in the order in which they were drawn. */
function planFor(draft: Draft, round: DrawnRound, { trainer, unit, exposure }: Update, verifiers: number): number[] {
  const { rewards, audit } = draft.block.parameters
  const { recipe, rewardPpm } = draft.model(round.model)
  const reward = shareOf(rewards.unit, rewardPpm)
  const { reputation } = draft.account(trainer)
  const rate = auditRate({ reward, exposure, reputation, verifiers, audit })
  const random = randomFor('audit', round.drawBeacon, { model: round.model, round: round.number, trainer, unit })
  return auditPlan(rate, verifiers, segmentsOf(recipe), random)
}

/** Once everyone drawn has spoken, or at the end of the phase, what was found and claimed is opened. */
export function advanceVerify(draft: Draft, round: Round): void {
  const { height, parameters } = draft.block
  if (round.drawBeacon === null) return
  const everyoneSpoke = pendingOf(round).every(({ verdicts, verifiers }) => verdicts.length === verifiers.length)
  if (height < round.phaseEndsAt && !everyoneSpoke) return
  enterPhase(draft, { ...round, phase: 'disclose', phaseEndsAt: height + parameters.phases.disclose })
}
