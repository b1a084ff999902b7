import { equalLightFindings, type Findings, isSuspicious } from '@hydraai/core'
import type { Update, Verdict } from '../state/types.ts'

/** A verdict whose findings are open. */
export type OpenVerdict = Verdict & { readonly findings: Findings }

/** What decides how much of a unit must be replayed, besides the draw. */
export interface ReplayRule {
  /** Segments of a unit. */
  readonly all: number
  /** Loss of the model on its held-out part, as float32 bits. */
  readonly heldOutLoss: number
}

/** Segments that a verifier with these findings had to replay: what it was drawn for, or all if they are suspicious. */
export function segmentsDue(update: Update, { verifier, findings }: OpenVerdict, rule: ReplayRule): number {
  if (isSuspicious(findings, rule.heldOutLoss)) return rule.all
  return update.verifiers.find(drawn => drawn.address === verifier)?.segments ?? 0
}

/** The verdicts that count: disclosed, and with the replay that was due, unless they found something wrong before. */
export function countedVerdicts(update: Update, rule: ReplayRule): OpenVerdict[] {
  return update.verdicts.filter((verdict): verdict is OpenVerdict => {
    if (!isOpen(verdict)) return false
    const { replay } = verdict.findings
    return findsFault(verdict) || (replay?.segments ?? 0) >= segmentsDue(update, verdict, rule)
  })
}

export function isOpen(verdict: Verdict): verdict is OpenVerdict {
  return verdict.findings !== null
}

/** A fault or another trace: what is wrong whatever the trainer claims. */
function findsFault({ findings: { fault, replay } }: OpenVerdict): boolean {
  return fault !== null || (replay !== null && replay.mismatch !== null)
}

/**
 * Whether somebody must be wrong: a verifier found a fault or another trace, found something else than the trainer
 * claims, or two found different things. A fault or another trace is enough even if the trainer never opened its claims,
 * or else who sees honest auditors drawn would keep silent.
 */
export function isContradicted({ claims, verdicts }: Update): boolean {
  const open = verdicts.filter(isOpen)
  if (open.some(findsFault)) return true
  if (claims === null) return false
  return open.some(({ findings }) => {
    const { lossBefore, lossAfter, replay } = findings
    const sameKeys = replay === null || replay.keys.every((key, segment) => key === claims.keys[segment])
    const sameLosses = lossBefore === claims.lossBefore && lossAfter === claims.lossAfter
    return !sameKeys || !sameLosses || !equalLightFindings(findings, open[0]!.findings)
  })
}
