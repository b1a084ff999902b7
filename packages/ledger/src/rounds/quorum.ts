import { type Micro, verdictDigest } from '@hydraai/core'
import type { Update, Verdict } from '../state/types.ts'

/** All the weight that can speak on an update: its drawn verifiers', and its trainer's, whose commit is a "valid". */
export function totalWeight(update: Update): Micro {
  return update.verifiers.reduce((sum, { weight }) => sum + weight, update.trainerWeight)
}

/** Weight of the drawn verifiers whose verdict `counts`. */
export function verdictWeight(update: Update, counts: (verdict: Verdict) => boolean): Micro {
  const speakers = new Set(update.verdicts.filter(counts).map(verdict => verdict.verifier))
  return update.verifiers.reduce((sum, { address, weight }) => (speakers.has(address) ? sum + weight : sum), 0n)
}

/** More than two thirds of the weight. */
export function isQuorum(weight: Micro, total: Micro): boolean {
  return 3n * weight > 2n * total
}

/** Whether the update would be accepted if every digest among its valid verdicts were right. */
export function hasValidQuorum(update: Update): boolean {
  const valid = update.trainerWeight + verdictWeight(update, verdict => verdict.valid)
  return isQuorum(valid, totalWeight(update))
}

/** Whether a verdict says valid and proves by its digest that the unit was replayed. Needs the update's replay key. */
export function isProven(update: Update, verdict: Verdict): boolean {
  if (!verdict.valid || update.replayKey === null) return false
  return verdict.digest === verdictDigest({ verifier: verdict.verifier, replayKey: update.replayKey })
}
