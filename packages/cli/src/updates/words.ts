import { z } from 'zod'

const judgement = z.enum(['waiting', 'sealed', 'open', 'stood', 'wrong', 'silent'])

export const updateSchema = z.object({
  round: z.number(),
  trainer: z.string(),
  trainerName: z.string(),
  reputation: z.number(),
  unit: z.number(),
  label: z.string(),
  phase: z.string().nullable(),
  outcome: z.enum(['pending', 'accepted', 'refuted', 'expired', 'disputed']),
  revealed: z.boolean(),
  sealed: z.boolean(),
  lossBefore: z.number().nullable(),
  lossAfter: z.number().nullable(),
  planted: z.boolean(),
  bitsPerParameter: z.number().nullable(),
  audit: z.object({ auditors: z.number(), segments: z.number(), of: z.number() }).nullable(),
  verdicts: z.array(z.object({ verifier: z.string(), verifierName: z.string(), segments: z.number(), judgement })),
  reward: z.string(),
  slashed: z.string(),
})
export type UpdateRow = z.infer<typeof updateSchema>

/** Losses before and after, or why they are not known. */
export function lossText({ sealed, outcome, lossBefore, lossAfter, planted }: UpdateRow): string {
  if (sealed) return outcome === 'pending' ? 'sealed' : 'never opened'
  if (lossBefore === null || lossAfter === null) return 'no number'
  return `${lossBefore.toFixed(4)} → ${lossAfter.toFixed(4)}${planted ? ' (planted)' : ''}`
}

/** How it is or was checked: nothing of it run again, or how much and by how many. */
export function auditText({ audit, verdicts, outcome }: UpdateRow): string {
  if (verdicts.length === 0) return outcome === 'pending' ? 'not drawn yet' : 'not checked'
  if (audit === null) return 'light check'
  return `${audit.segments} of ${audit.of} segments by ${audit.auditors}`
}

/** `3 stood, 1 silent`, in the order of the first of each. */
export function verdictsText({ verdicts }: UpdateRow): string {
  const counts = new Map<string, number>()
  for (const { judgement } of verdicts) counts.set(judgement, (counts.get(judgement) ?? 0) + 1)
  return [...counts].map(([judgement, count]) => `${count} ${judgement}`).join(', ') || 'no verdict'
}

export function payText({ reward, slashed, outcome }: UpdateRow): string {
  if (slashed !== '0') return `-${slashed}`
  return outcome === 'pending' || outcome === 'disputed' ? '' : `+${reward}`
}
