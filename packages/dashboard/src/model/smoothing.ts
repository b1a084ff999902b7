/**
 * Exponential moving average with the start's bias taken out (as in Adam, Kingma & Ba 2015, section 3), so that the first
 * values are averages of what there is, not pulled towards zero.
 *
 * @param span about how many neighbours each value is averaged over; weight = 2 / (span + 1)
 */
export function smooth(values: readonly number[], span: number): number[] {
  const keep = 1 - 2 / (Math.max(1, span) + 1)
  let sum = 0
  let weight = 0
  return values.map(value => {
    sum = sum * keep + value
    weight = weight * keep + 1
    return sum / weight
  })
}

/** A span that suits the number of points: short curves are hardly smoothed, long ones over a sixteenth of their length. */
export const spanFor = (count: number): number => Math.min(40, Math.max(3, Math.round(count / 16)))
