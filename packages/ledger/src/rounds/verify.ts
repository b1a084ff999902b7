import { type Hash, segmentsOf } from '@hydraai/core'
import type { ChainParameters } from '../genesis/parameters.ts'
import { shareOf } from '../models/reward.ts'
import type { Draft } from '../state/draft.ts'
import { compareKeys } from '../state/sortedTable.ts'
import type { DrawnVerifier, Round, Update, UpdateRef } from '../state/types.ts'
import { type AuditRate, auditPlan, auditRate } from './audit.ts'
import {
  drawVerifiers,
  randomFor,
  VERIFIERS_OF_RISK,
  VERIFIERS_PER_UPDATE,
  type VerifierPool,
  verifierPool,
} from './draw.ts'
import { isQuorum, totalWeight, weightOfVerifiers } from './quorum.ts'
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
  const rate = rateOf(draft, round.model, update)
  const isRisky = trainerWeight === 0n || rate.auditors > VERIFIERS_PER_UPDATE
  const inOrder = drawVerifiers(pool, round.drawBeacon, ref, isRisky ? VERIFIERS_OF_RISK : VERIFIERS_PER_UPDATE)
  const { recipe } = draft.model(round.model)
  const segments = auditPlan(rate, inOrder.length, segmentsOf(recipe), randomFor('audit', round.drawBeacon, ref))
  const verifiers: DrawnVerifier[] = inOrder.map((verifier, i) => ({ ...verifier, segments: segments[i]! }))
  verifiers.sort((a, b) => compareKeys(a.address, b.address))
  return { ...update, trainerWeight, verifiers }
}

/** What is to be replayed of a unit, were as many verifiers drawn as can be. */
function rateOf(draft: Draft, model: string, { trainer, exposure }: Update): AuditRate {
  const { rewards, audit } = draft.block.parameters
  const reward = shareOf(rewards.unit, draft.model(model).rewardPpm)
  const { reputation } = draft.account(trainer)
  return auditRate({ reward, exposure, reputation, verifiers: VERIFIERS_OF_RISK, audit })
}

/** Once nobody has to be waited for any more, or at the end of the phase, what was found and claimed is opened. */
export function advanceVerify(draft: Draft, round: Round): void {
  const { height, parameters } = draft.block
  if (round.drawBeacon === null) return
  if (height < round.phaseEndsAt && !isDone(round, height, parameters)) return
  enterPhase(draft, { ...round, phase: 'disclose', phaseEndsAt: height + parameters.phases.disclose })
}

/**
 * Whether everyone drawn has spoken; or, after the time that it takes to fetch and look at a payload, enough have on
 * every update of the base. A payload that could not even be shown for the base holds up nothing, nor does a verifier that
 * is away; but who was drawn to replay has the whole phase for it, since one honest replay must be heard.
 */
function isDone(round: Round, height: number, { phases }: ChainParameters): boolean {
  const pending = pendingOf(round)
  if (pending.every(({ verdicts, verifiers }) => verdicts.length === verifiers.length)) return true
  const drawnAt = round.phaseEndsAt - phases.verify + 1
  const awaited = pending.filter(update => update.included)
  return height >= drawnAt + phases.reveal && awaited.length > 0 && awaited.every(isHeard)
}

/** Whether more than two thirds of the weight have spoken, and all who were drawn to replay. */
function isHeard(update: Update): boolean {
  const spoke = new Set(update.verdicts.map(({ verifier }) => verifier))
  const heard = update.trainerWeight + weightOfVerifiers(update, spoke)
  const auditors = update.verifiers.filter(({ segments }) => segments > 0)
  return isQuorum(heard, totalWeight(update)) && auditors.every(({ address }) => spoke.has(address))
}
