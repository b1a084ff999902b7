import { equalLightFindings, type LightFindings } from '@hydraai/core'
import { isOpen, type OpenVerdict } from '../rounds/findings.ts'
import type { Claims, Update } from '../state/types.ts'

/** Whether findings that need no replay are in doubt: a fault, or losses that are not the claimed ones or not everybody's. */
export function hasLightContradiction(update: Update): boolean {
  const [first, ...others] = update.verdicts.filter(isOpen).map(({ findings }) => findings)
  if (first === undefined) return false
  return contradictsLight(update.claims, first) || others.some(other => !equalLightFindings(first, other))
}

/** Whether an update of such light findings is not what its trainer claims, or is worthless. */
export function contradictsLight(claims: Claims | null, { fault, lossBefore, lossAfter }: LightFindings): boolean {
  if (fault !== null) return true
  return claims !== null && (claims.lossBefore !== lossBefore || claims.lossAfter !== lossAfter)
}

/** Whether a replay found something else than the trainer. */
export function contradictsReplay(update: Update, verdict: OpenVerdict): boolean {
  return verdict.challenge !== null || falseKeyOf(update, verdict) !== null
}

/** The first segment whose key the trainer claims to be another, though they agree on the state at its end. */
export function falseKeyOf({ claims }: Update, { findings: { replay } }: OpenVerdict): number | null {
  if (claims === null || replay === null) return null
  const segment = replay.keys.findIndex((key, i) => key !== claims.keys[i])
  return segment === -1 ? null : segment
}
