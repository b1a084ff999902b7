import { type Findings, type LightFault, type Recipe, segmentsOf } from '@hydraai/core'

const FAULTS: Record<LightFault, string> = {
  'payload-size': 'its payload has another size',
  'payload-hash': 'its payload is another one',
  'payload-structure': 'its payload cannot be read',
  trace: 'its trace is another one',
  'not-finite': 'it gives numbers that are not finite',
}

/** What a check found, for people. The losses stay a secret until the trainer has opened its own. */
export function findingsText({ fault, replay }: Findings, recipe: Recipe): string {
  if (fault !== null) return `disagrees (${FAULTS[fault]})`
  if (replay === null) return 'nothing wrong with it so far'
  const { mismatch, segments } = replay
  const all = segmentsOf(recipe)
  if (mismatch?.type === 'trace') return `disagrees (segment ${mismatch.segment + 1} of ${all} comes to something else)`
  if (mismatch?.type === 'seal') return 'disagrees (what was trained is not what was sent)'
  return segments === all ? 'agrees (all of it)' : `agrees (${segments} of ${all} segments)`
}
