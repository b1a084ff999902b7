/** How far ahead of ours the clock of an honest proposer may be. */
const LEAD_MS = 10_000
/** How long ago, by our clock, an honest proposer may have begun its block in round 0: its clock, the way, our queue. */
const DELAY_MS = 10_000
/** Rounds after which the window grows no more: it is more than a hundred years wide then. */
const MAX_DOUBLINGS = 30

export interface ProposedTime {
  /** Of the block, ms since the epoch. */
  readonly time: number
  /** Of the block before. */
  readonly parentTime: number
  readonly round: number
}

/**
 * Whether a first proposal (validRound -1) carries a time near the present of who judges it:
 * `now - delay(round) <= time <= now + lead`. Only the prevote for it hangs on that. A value with a polka was timely
 * for more than a third of the honest power, so it may be proposed again, locked and decided at any time, and a block
 * that others decided is never refused for its time.
 *
 * Clocks that are wrong do not stop the chain. `delay` doubles with every round, so in some round the block of whoever's
 * clock is slowest lies in everybody's past and inside everybody's window. `lead` does not grow, or a faulty proposer
 * could wait for a late round and push the chain's time ahead of everybody's. And the least time that the rules allow, a
 * millisecond after the parent, is never too early, or a chain whose time is ahead of all clocks (they were all wrong
 * once and then put right) would stand still until the clocks have caught up.
 */
export function isTimely({ time, parentTime, round }: ProposedTime, now: number): boolean {
  const delay = DELAY_MS * 2 ** Math.min(round, MAX_DOUBLINGS)
  return time >= now - delay && (time <= now + LEAD_MS || time === parentTime + 1)
}

/** The time a proposer gives its block. */
export function timeToPropose(parentTime: number, now: number): number {
  return Math.max(now, parentTime + 1)
}
