import type { TimeoutParameters } from '@hydraai/consensus'

/** Rounds give a loaded two-core machine time enough; the pace comes from waiting after a commit, not from these. */
export const DEFAULT_TIMEOUTS: TimeoutParameters = {
  baseMs: { propose: 2_000, prevote: 1_000, precommit: 1_000 },
  stepMs: { propose: 500, prevote: 500, precommit: 500 },
  maximumMs: 10_000,
}
