import { mint } from '../economics/money.ts'
import { changeReputation, UNIT_ACCEPTED, UNIT_REFUTED, VERDICT_WRONG } from '../economics/reputation.ts'
import { shareOf } from '../models/reward.ts'
import type { Draft } from '../state/draft.ts'
import type { Outcome, Round, Update, Verdict } from '../state/types.ts'
import { isProven, isQuorum, totalWeight, verdictWeight } from './quorum.ts'

/** Decides, pays and punishes every pending update of a round, in order of (trainer, unit). Returns the round decided. */
export function settleRound(draft: Draft, round: Round): Round {
  const updates = round.updates.map(update => {
    if (update.outcome !== 'pending') return update
    const outcome = outcomeOf(update)
    payTrainer(draft, round, update, outcome)
    for (const verdict of update.verdicts) payVerdict(draft, round, update, verdict, outcome)
    return decide(draft, round, update, outcome)
  })
  return { ...round, updates }
}

/** The update with its outcome, which becomes an event. */
export function decide(draft: Draft, round: Round, update: Update, outcome: Outcome): Update {
  draft.events.push({ type: 'update', ...refOf(round, update), trainer: update.trainer, outcome })
  return { ...update, outcome }
}

/** What the verdicts come to. A "valid" counts only with the digest that replaying gives. */
export function outcomeOf(update: Update): Outcome {
  const total = totalWeight(update)
  const valid = update.trainerWeight + verdictWeight(update, verdict => isProven(update, verdict))
  const invalid = verdictWeight(update, verdict => !verdict.valid)
  if (update.replayKey !== null && isQuorum(valid, total)) return 'accepted'
  return 3n * invalid > total ? 'refuted' : 'expired'
}

function payTrainer(draft: Draft, round: Round, update: Update, outcome: Outcome): void {
  const { trainer } = update
  if (outcome === 'refuted') changeReputation(draft, trainer, UNIT_REFUTED)
  if (outcome !== 'accepted') return
  const amount = shareOf(draft.block.parameters.rewards.unit, draft.model(round.model).rewardPpm)
  mint(draft, trainer, amount)
  draft.updateAccount(trainer, { unitsVerified: draft.account(trainer).unitsVerified + 1 })
  draft.events.push({ type: 'unit-reward', account: trainer, amount, ...refOf(round, update) })
  changeReputation(draft, trainer, UNIT_ACCEPTED)
}

function payVerdict(draft: Draft, round: Round, update: Update, verdict: Verdict, outcome: Outcome): void {
  const judgement = judge(update, verdict, outcome)
  if (judgement === 'wrong') changeReputation(draft, verdict.verifier, VERDICT_WRONG)
  if (judgement !== 'stood') return
  const amount = shareOf(draft.block.parameters.rewards.verdict, draft.model(round.model).rewardPpm)
  mint(draft, verdict.verifier, amount)
  draft.events.push({
    type: 'verdict-reward',
    account: verdict.verifier,
    amount,
    trainer: update.trainer,
    ...refOf(round, update),
    transaction: verdict.transaction,
  })
}

/** Whether a verdict stood, was against the outcome or against the replay, or can be held neither for nor against. */
export function judge(update: Update, verdict: Verdict, outcome: Outcome): 'stood' | 'wrong' | 'open' {
  if (verdict.valid && update.replayKey !== null && !isProven(update, verdict)) return 'wrong'
  if (outcome === 'accepted') return verdict.valid ? 'stood' : 'wrong'
  if (outcome === 'refuted') return verdict.valid ? 'wrong' : 'stood'
  return 'open'
}

function refOf(round: Round, update: Update) {
  return { model: round.model, round: round.number, unit: update.unit, transaction: update.transaction }
}
