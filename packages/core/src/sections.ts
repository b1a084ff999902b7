/** A stretch of a trace is cut into at most so many parts at once. */
export const MAX_SECTIONS = 32

/**
 * Where the stretch of steps after `from` up to `to` is cut when two disagree about it: ascending step numbers, evenly
 * spaced, the last one `to`; a stretch of at most {@link MAX_SECTIONS} steps is cut at every step. So any unit is narrowed
 * down to one step in at most four moves. @throws RangeError unless 0 <= from < to
 */
export function sectionsOf(from: number, to: number): number[] {
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from < 0 || from >= to) {
    throw new RangeError(`there are no steps after ${from} up to ${to}`)
  }
  const length = to - from
  const count = Math.min(length, MAX_SECTIONS)
  return Array.from({ length: count }, (_, i) => from + Math.floor(((i + 1) * length) / count))
}
