import type { DataFolder } from '@hydraai/node'

/** `skip`: something else has to be put right before this can be looked at. */
export type Verdict = 'ok' | 'warn' | 'fail' | 'skip'

/** What one check came to: a sentence, and what to do when it is not well. */
export interface Finding {
  readonly check: string
  readonly verdict: Verdict
  readonly text: string
  readonly advice?: string
  /** What `--repair` did about it. */
  readonly repaired?: string
}

/** What every check is given. */
export interface Examination {
  readonly folder: DataFolder
  /** Blocks from the top that are looked at; all of them unless given. */
  readonly last: number
  readonly repair: boolean
  /** Raised by Ctrl-C. */
  readonly stop: AbortSignal
  tell(finding: Finding): void
  progress(check: string, done: number, total: number): void
}
