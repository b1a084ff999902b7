import { type Address, equalLightFindings, type LightFindings, segmentsOf } from '@hydraai/core'
import { credit } from '../economics/money.ts'
import { changeReputation, MAX_REPUTATION, VERDICT_WRONG } from '../economics/reputation.ts'
import { seize } from '../economics/slashing.ts'
import type { JudgedVerdict, Judgement } from '../events.ts'
import { FULL_REWARD_PPM } from '../models/reward.ts'
import { concludeUpdate } from '../rounds/conclude.ts'
import { isOpen, type OpenVerdict, segmentsDue } from '../rounds/findings.ts'
import { unitRefOf } from '../rounds/update.ts'
import { disputeKey } from '../state/disputeKey.ts'
import type { Draft } from '../state/draft.ts'
import type { Dispute } from '../state/types.ts'
import { standingOf } from './challenges.ts'
import { contradictsLight, contradictsReplay } from './contradiction.ts'

/** What refuted an update. */
export type Refutation =
  | { readonly type: 'findings'; readonly truth: LightFindings }
  | { readonly type: 'key'; readonly segment: number }
  | { readonly type: 'seal' }
  /** The challenge of `upheld`. `judged`: a ruling on the whole segment told who else was wrong about it, or nobody was in doubt. */
  | { readonly type: 'trace'; readonly judged: boolean }

/**
 * Takes what a ruling proved these verifiers to be wrong costs: part of their stake, half of it for whom they wronged (null: it
 * is burnt), and reputation.
 */
export function convict(draft: Draft, dispute: Dispute, wrong: readonly Address[], wronged: Address | null): Dispute {
  const { penalties } = draft.block.parameters
  const { update } = dispute
  const about = { trainer: update.trainer, ...unitRefOf(dispute.model, dispute.round, update) }
  for (const account of wrong) {
    const amount = seize(draft, account, penalties.verdict)
    const share = wronged === null ? 0n : amount / 2n
    draft.burnt += amount - share
    if (amount > 0n) draft.events.push({ type: 'verdict-slash', account, amount, burnt: amount - share, ...about })
    if (wronged !== null && share > 0n) {
      credit(draft, wronged, share)
      draft.events.push({ type: 'bounty', account: wronged, from: account, amount: share, ...about })
    }
    changeReputation(draft, account, VERDICT_WRONG)
  }
  return { ...dispute, wrong: [...dispute.wrong, ...wrong] }
}

/** Every challenge was lost or lapsed. Paid if all were lost; who cannot be told right or wrong is neither paid nor punished. */
export function endUnrefuted(draft: Draft, dispute: Dispute): void {
  const { update, lapsed } = dispute
  const isUpheld = !lapsed && update.claims !== null
  const all = segmentsOf(draft.model(dispute.model).recipe)
  const rule = { all, heldOutLoss: dispute.heldOutLoss }
  close(draft, dispute, isUpheld ? 'accepted' : 'expired', verdict => {
    const replayed = verdict.findings.replay?.segments ?? 0
    const counts = !contradictsReplay(update, verdict) && replayed >= segmentsDue(update, verdict, rule)
    return isUpheld && counts ? 'stood' : 'open'
  })
}

/**
 * The update is false: its trainer loses what it had at risk for it and its reputation. Part of that is shared by all who
 * found the same as the one that was upheld, so that a friend among them cannot take it all back.
 */
export function endRefuted(draft: Draft, dispute: Dispute, refutation: Refutation): void {
  const { update } = dispute
  const finders = standingOf(dispute).filter(verdict => hasFound(dispute, verdict, refutation))
  slashTrainer(
    draft,
    dispute,
    finders.map(({ verifier }) => verifier),
  )
  close(draft, dispute, 'refuted', verdict => {
    if (finders.includes(verdict) || verdict.findings.replay === null) return 'stood'
    if (refutation.type === 'findings') return 'stood'
    const isJudged = refutation.type !== 'trace' || refutation.judged
    return isJudged && !contradictsReplay(update, verdict) ? 'stood' : 'open'
  })
}

function hasFound({ update, upheld }: Dispute, verdict: OpenVerdict, refutation: Refutation): boolean {
  const { findings, challenge } = verdict
  switch (refutation.type) {
    case 'findings':
      return contradictsLight(update.claims, findings) && equalLightFindings(findings, refutation.truth)
    case 'key': {
      const key = findings.replay?.keys[refutation.segment]
      return key !== undefined && key !== update.claims?.keys[refutation.segment]
    }
    case 'seal':
      return challenge?.type === 'seal'
    case 'trace': {
      // All who stand and speak of this segment say the same of it, or else it would have been run.
      const first = update.verdicts.find(({ verifier }) => verifier === upheld)?.challenge
      return challenge?.type === 'trace' && first?.type === 'trace' && challenge.segment === first.segment
    }
  }
}

function slashTrainer(draft: Draft, dispute: Dispute, finders: readonly Address[]): void {
  const { update } = dispute
  const { trainer } = update
  const ref = unitRefOf(dispute.model, dispute.round, update)
  const amount = seize(draft, trainer, update.exposure)
  const bounty = (amount * BigInt(draft.block.parameters.penalties.bountyPpm)) / BigInt(FULL_REWARD_PPM)
  const share = finders.length === 0 ? 0n : bounty / BigInt(finders.length)
  const burnt = amount - share * BigInt(finders.length)
  draft.burnt += burnt
  if (amount > 0n) draft.events.push({ type: 'unit-slash', account: trainer, amount, burnt, ...ref })
  for (const account of share > 0n ? finders : []) {
    credit(draft, account, share)
    draft.events.push({ type: 'bounty', account, from: trainer, amount: share, trainer, ...ref })
  }
  changeReputation(draft, trainer, -MAX_REPUTATION)
}

function close(
  draft: Draft,
  dispute: Dispute,
  outcome: 'accepted' | 'refuted' | 'expired',
  judge: (verdict: OpenVerdict) => Judgement,
): void {
  const { model, round, update, wrong } = dispute
  const { trainer, unit } = update
  const judgements = update.verifiers.map(({ address: verifier }): JudgedVerdict => {
    const verdict = update.verdicts.filter(isOpen).find(one => one.verifier === verifier)
    if (verdict === undefined) return { verifier, segments: 0, judgement: 'silent' }
    const segments = verdict.findings.replay?.segments ?? 0
    return { verifier, segments, judgement: wrong.includes(verifier) ? 'wrong' : judge(verdict) }
  })
  draft.disputes.delete(disputeKey({ model, round, trainer, unit }))
  concludeUpdate(draft, dispute, update, outcome, judgements)
}
