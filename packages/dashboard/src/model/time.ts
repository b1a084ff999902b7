const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** How long ago, in words that change seldom: a page that nobody touches should have little to redraw. */
export function showAgo(at: number, now: number): string {
  const age = now - at
  if (age < -5 * SECOND) return `in ${showDuration(-age)}`
  if (age < 5 * SECOND) return 'just now'
  if (age < MINUTE) return `${Math.floor(age / SECOND / 5) * 5} s ago`
  if (age < HOUR) return `${Math.floor(age / MINUTE)} min ago`
  if (age < DAY) return `${Math.floor(age / HOUR)} h ago`
  return `${Math.floor(age / DAY)} d ago`
}

/** A length of time, to its two largest parts: `3 h 20 min`. */
export function showDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / SECOND))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return withRest(minutes, 'min', seconds % 60, 's', minutes < 5)
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return withRest(hours, 'h', minutes % 60, 'min', true)
  return withRest(Math.floor(hours / 24), 'd', hours % 24, 'h', true)
}

function withRest(large: number, unit: string, small: number, smallUnit: string, precise: boolean): string {
  return precise && small > 0 ? `${large} ${unit} ${small} ${smallUnit}` : `${large} ${unit}`
}

/** The moment itself, in the reader's own zone, to the second: `2026-03-01 14:05:09`. */
export function showMoment(at: number): string {
  const date = new Date(at)
  const two = (n: number) => String(n).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${showClock(at)}`
}

/** `14:05:09` in the reader's own zone. */
export function showClock(at: number): string {
  const date = new Date(at)
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(n => String(n).padStart(2, '0')).join(':')
}

/** A machine-readable moment for `<time>`, or undefined where the number is no date. */
export function isoMoment(at: number): string | undefined {
  return Math.abs(at) < 8.64e15 ? new Date(at).toISOString() : undefined
}

interface Progress {
  readonly done: number
  readonly at: number
}

/**
 * Time left until `total`, from the speed between two observations. Null while nothing has moved, since a guess would
 * be an invention.
 */
export function timeLeft(first: Progress, latest: Progress, total: number): number | null {
  const moved = latest.done - first.done
  const took = latest.at - first.at
  if (moved <= 0 || took <= 0 || total <= latest.done) return null
  return ((total - latest.done) / moved) * took
}
