import type { UpdatePage, UpdateRow } from '../api/shapes.ts'
import { plural } from './words.ts'

export const MAX_UPDATES = 400

type Named = Pick<UpdateRow, 'round' | 'trainer' | 'unit'>

/** Names an update within its model. */
export const updateKey = ({ round, trainer, unit }: Named): string => `${round}/${trainer}/${unit}`

/** Newest round first; within a round as the node lists them. */
function compareUpdates(a: Named, b: Named): number {
  if (a.round !== b.round) return b.round - a.round
  return a.trainer === b.trainer ? b.unit - a.unit : a.trainer < b.trainer ? 1 : -1
}

/** A page beside what is held: the newest one replaces what it covers, an older one is put behind it. */
export function mergeUpdates(held: UpdatePage | undefined, page: UpdatePage, older: boolean): UpdatePage {
  if (held === undefined) return page
  const last = page.updates.at(-1)
  const first = held.updates[0]
  // With a gap between them, what is held cannot be joined to what is new.
  if (!older && (last === undefined || first === undefined || compareUpdates(last, first) < 0)) return page
  const kept = older ? held.updates : held.updates.filter(update => compareUpdates(update, last!) > 0)
  const byKey = new Map([...kept, ...page.updates].map(update => [updateKey(update), update]))
  const updates = [...byKey.values()].sort(compareUpdates).slice(0, MAX_UPDATES)
  const before = older || kept.length === 0 ? page.before : held.before
  return { updates, before: updates.length === MAX_UPDATES ? null : before }
}

export type Tone = 'good' | 'bad' | 'busy' | 'quiet'
export interface Standing {
  readonly word: string
  readonly tone: Tone
}

const standings: Record<Exclude<UpdateRow['outcome'], 'pending'>, Standing> = {
  accepted: { word: 'accepted', tone: 'good' },
  refuted: { word: 'refuted', tone: 'bad' },
  expired: { word: 'expired', tone: 'quiet' },
  disputed: { word: 'disputed', tone: 'busy' },
}

/** How far an update has come. */
export function standingOf({ outcome, phase, revealed }: Pick<UpdateRow, 'outcome' | 'phase' | 'revealed'>): Standing {
  if (outcome !== 'pending') return standings[outcome]
  if (phase === 'verify' && revealed) return { word: 'being checked', tone: 'quiet' }
  if (phase === 'disclose' && revealed) return { word: 'being opened', tone: 'quiet' }
  if (revealed) return { word: 'revealed', tone: 'quiet' }
  return { word: phase === 'work' || phase === 'reveal' ? 'committed' : 'not revealed', tone: 'quiet' }
}

const nameOf = ({ verifier, verifierName }: UpdateRow['verdicts'][number]): string =>
  verifierName || `${verifier.slice(0, 8)}…`

/** What of it is, was or will be run again, and by whom. */
export function auditWords({ audit, verdicts, outcome, phase }: UpdateRow): string {
  const over = outcome !== 'pending'
  if (verdicts.length === 0) return over || phase === null ? 'none' : 'not drawn yet'
  if (audit === null) return 'light'
  const names = verdicts.filter(({ segments }) => segments > 0).map(nameOf)
  const share =
    audit.segments >= audit.of
      ? `all ${plural(audit.of, 'segment')}`
      : `${audit.segments} of ${plural(audit.of, 'segment')}`
  return `${over ? 'replayed' : 'replay of'} ${share}${names.length > 0 ? ` by ${names.join(', ')}` : ''}`
}

type Judgement = UpdateRow['verdicts'][number]['judgement']

/** A verdict of `count` verifiers in a word. Verdicts judge the update, and the outcome judges the verdict. */
export function verdictWord(judgement: Judgement, outcome: UpdateRow['outcome'], count = 1): string {
  const s = count === 1 ? 's' : ''
  switch (judgement) {
    case 'waiting':
      return 'not in yet'
    case 'sealed':
      return 'sealed'
    case 'open':
      return 'undecided'
    case 'silent':
      return 'silent'
    case 'stood':
      return outcome === 'refuted' ? `disagree${s}` : `agree${s}`
    case 'wrong':
      return outcome === 'refuted' ? `agree${s}, wrongly` : `disagree${s}, wrongly`
  }
}

export interface VerdictGroup {
  readonly word: string
  readonly tone: Tone
  readonly names: readonly string[]
}

const tones: Record<Judgement, Tone> = {
  waiting: 'quiet',
  sealed: 'quiet',
  open: 'busy',
  silent: 'quiet',
  stood: 'good',
  wrong: 'bad',
}

/** Who gave which verdict, those of one kind together, in the order of the first of each. */
export function verdictGroups({ verdicts, outcome }: Pick<UpdateRow, 'verdicts' | 'outcome'>): VerdictGroup[] {
  const groups = new Map<Judgement, string[]>()
  for (const verdict of verdicts)
    groups.set(verdict.judgement, [...(groups.get(verdict.judgement) ?? []), nameOf(verdict)])
  return [...groups].map(([judgement, names]) => ({
    word: verdictWord(judgement, outcome, names.length),
    tone: tones[judgement],
    names,
  }))
}

/** What one may want to see of a long list. */
export const filters = [
  { id: 'all', name: 'Everything' },
  { id: 'open', name: 'Under way' },
  { id: 'decided', name: 'Decided' },
  { id: 'contested', name: 'Disputed or refuted' },
] as const
export type Filter = (typeof filters)[number]['id']

export function passes({ outcome }: Pick<UpdateRow, 'outcome'>, filter: Filter): boolean {
  switch (filter) {
    case 'all':
      return true
    case 'open':
      return outcome === 'pending' || outcome === 'disputed'
    case 'decided':
      return outcome !== 'pending' && outcome !== 'disputed'
    case 'contested':
      return outcome === 'disputed' || outcome === 'refuted'
  }
}
